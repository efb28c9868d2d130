#include "systems/ceph/remains.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "core/canonical_json.h"
#include "core/units.h"
#include "model/object_name.h"
#include "systems/ceph/remains_steps.h"

namespace sluice::systems::ceph {
namespace {

constexpr int kCallMs = 4000;

using connect::Remains;

/// Answers come in any order; the same state makes the same plan.
QJsonArray inOrder(const QJsonArray& objects)
{
    QList<std::pair<QByteArray, QJsonObject>> sorted;
    for (const QJsonValue& value : objects) {
        sorted.append({canonicalJson(value.toObject()), value.toObject()});
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    QJsonArray result;
    for (const auto& item : sorted) {
        result.append(item.second);
    }
    return result;
}

/// What somebody holds who is not known to be dead is not dropped under them.
void keepLocked(Remains& found)
{
    QSet<QString> held;
    for (const QJsonValue& lock : std::as_const(found.locks)) {
        if (lock["alive"].toBool(true)) {
            held.insert(lock["object"].toString());
        }
    }
    QJsonArray dropped;
    for (const QJsonValue& object : std::as_const(found.dropped)) {
        if (!held.contains(object["object"].toString())) {
            dropped.append(object);
        }
    }
    found.dropped = inOrder(dropped);
    found.locks = inOrder(found.locks);
}

void addStep(Remains& found, const QString& id, const QString& title, const QString& check)
{
    found.steps.append(QJsonObject{{"id", id}, {"title", title}, {"checkedBy", check}});
}

void planLock(Remains& found, const QJsonObject& lock, int& number)
{
    const QString client = lock["client"].toString();
    const QString name = lock["lock"].toString();
    const QString object = lock["object"].toString();
    if (lock["alive"].toBool(true)) {
        found.touches.append(
            QStringLiteral("Lock %1 on %2 is left alone: %3")
                .arg(name, object,
                     lock["alive"].isBool()
                         ? QStringLiteral("its holder %1 is alive").arg(client)
                         : QStringLiteral("it is not known whether its holder %1 lives").arg(client)));
        return;
    }
    addStep(found, QStringLiteral("lock.%1").arg(++number),
            QStringLiteral("Blocklist %1 and break lock %2 on %3").arg(client, name, object),
            QStringLiteral("%1 does not hold it any more").arg(client));
    found.cannotUndo.append(QStringLiteral("The session of %1 (%2) ends for an hour; if that client comes "
                                           "back, its writes are refused until it connects anew.")
                                .arg(client, lock["address"].toString()));
}

void plan(Remains& found)
{
    int locks = 0;
    for (const QJsonValue& lock : std::as_const(found.locks)) {
        planLock(found, lock.toObject(), locks);
    }
    int drops = 0;
    for (const QJsonValue& object : std::as_const(found.dropped)) {
        const QString name = object["object"].toString();
        const QString why = object["why"].toString();
        addStep(found, QStringLiteral("drop.%1").arg(++drops), QStringLiteral("Remove %1: %2").arg(name, why),
                QStringLiteral("it is not there any more"));
        found.cannotUndo.append(QStringLiteral("%1 (%2) is removed and written again: %3.")
                                    .arg(name, formatBytes(object["sizeBytes"].toDouble()), why));
    }
}

struct Looking {
    connect::RemainsQuestion question{};
    connect::RemainsFinder::Done done{};
    Remains found{};
    std::optional<Error> error{};
    qsizetype open{};

    /// Without its Ceph pool there is nothing of an object either.
    void failed(const Error& why)
    {
        if (why.code != ErrorCode::NotFound) {
            error = why;
        }
    }
    void answered()
    {
        if (--open > 0) {
            return;
        }
        if (error) {
            done(fail(*error));
            return;
        }
        keepLocked(found);
        plan(found);
        done(found);
    }
};

void seen(Looking& looking, const QString& object, const QJsonObject& stat)
{
    if (!stat["exists"].toBool() || looking.question.known.contains(object)) {
        return;
    }
    const QString why = whyDropped(stat, looking.question.run, looking.question.task);
    if (!why.isEmpty()) {
        looking.found.dropped.append(QJsonObject{
            {"object", model::nameOnWire(object)}, {"sizeBytes", stat["sizeBytes"]}, {"why", why}});
    }
}

void locked(Looking& looking, const QString& object, const QJsonObject& answer)
{
    const model::Location& to = looking.question.to;
    for (const QJsonValue& lock : answer["locks"].toArray()) {
        for (const QJsonValue& holder : lock["holders"].toArray()) {
            const QJsonValue session = holder["sessionSeen"];
            looking.found.locks.append(QJsonObject{{"cephPool", to.cephPool},
                                                   {"connection", to.connection},
                                                   {"object", model::nameOnWire(object)},
                                                   {"lock", lock["lock"]},
                                                   {"client", holder["client"]},
                                                   {"cookie", holder["cookie"]},
                                                   {"address", holder["address"]},
                                                   {"alive", session.isBool() ? session : QJsonValue()}});
        }
    }
}

void look(connect::Link& link, const connect::RemainsQuestion& question,
          const connect::RemainsFinder::Done& done)
{
    auto looking = std::make_shared<Looking>();
    looking->question = question;
    looking->done = done;
    looking->open = question.objects.size() * 2 + 1;
    const model::Location& to = question.to;
    for (const QString& object : question.objects) {
        const QString onWire = model::nameOnWire(object);
        const QJsonObject params{{"cephPool", to.cephPool}, {"object", onWire}};
        link.call(to.connection, QStringLiteral("object.stat"), params, kCallMs, false,
                  [looking, object](const Result<QJsonObject>& stat) {
                      if (stat) {
                          seen(*looking, object, *stat);
                      } else {
                          looking->failed(stat.error());
                      }
                      looking->answered();
                  });
        link.call(to.connection, QStringLiteral("lock.list"), params, kCallMs, false,
                  [looking, object](const Result<QJsonObject>& locks) {
                      if (locks) {
                          locked(*looking, object, *locks);
                      } else {
                          looking->failed(locks.error());
                      }
                      looking->answered();
                  });
    }
    looking->answered();
}

/// What blocks a task may as well lie at its source: another object, be it of the same name.
QString blockedObject(const QJsonObject& blocked, const model::Location& to)
{
    const QString object = model::nameFromWire(blocked["object"].toString());
    const bool inThere = blocked["connection"].toString(to.connection) == to.connection &&
                         blocked["cephPool"].toString(to.cephPool) == to.cephPool &&
                         object.startsWith(to.prefix);
    return inThere ? object : QString();
}

}  // namespace

QString whyDropped(const QJsonObject& stat, const QString& run, const QString& task)
{
    const QString mark = stat["partialOf"].toString();
    if (mark.startsWith(run + '/' + task + '/')) {
        return QStringLiteral("an earlier attempt left it half written");
    }
    // As the mover's own rule for a shell: an attribute or an omap that is no lock's is somebody's data.
    const QJsonArray xattrs = stat["xattrs"].toArray();
    const bool onlyLocks = std::all_of(xattrs.begin(), xattrs.end(), [](const QJsonValue& name) {
        return name.toString().startsWith(QLatin1String("lock."));
    });
    const bool shell = mark.isEmpty() && !xattrs.isEmpty() && onlyLocks &&
                       stat["sizeBytes"].toInteger(-1) == 0 && stat["omapKeys"].toInteger(-1) == 0;
    return shell ? QStringLiteral("it is empty, only a lock made it, and no manifest names it") : QString();
}

connect::RemainsFinder remainsFinder(connect::Link& link)
{
    return {.covers = [](const model::Location& to) { return to.type == model::Location::Type::Rados; },
            .blockedObject = blockedObject,
            .look = [&link](const connect::RemainsQuestion& question,
                            connect::RemainsFinder::Done done) { look(link, question, done); },
            .breakLock = [&link](const connect::RemainsOwner& owner,
                                 const QJsonObject& lock) { return lockStep(link, owner, lock); },
            .drop = [&link](const connect::RemainsOwner& owner,
                            const QJsonObject& object) { return dropStep(link, owner, object); }};
}

}  // namespace sluice::systems::ceph
