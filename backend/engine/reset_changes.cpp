// The part of ResetService that changes a cluster: locks that are broken and objects that are dropped.
#include <QtCore/QJsonArray>
#include <optional>

#include "engine/named_link.h"
#include "engine/reset_service.h"
#include "systems/ceph/remains.h"

namespace sluice::engine {

using actions::Effect;
using actions::Outcome;
using actions::Step;

namespace {

constexpr int kReadMs = 5000;
constexpr int kCallMs = 10'000;
constexpr qint64 kBlocklistSeconds = 3600;

Error toLookAgain(Error error)
{
    error.retryable = actions::mayPass(error);
    return error;
}

}  // namespace

QJsonObject ResetService::named(const Target& target, QJsonObject params) const
{
    params["because"] = connect::Link::because(target.id(), QStringLiteral("reset of %1").arg(target.run));
    return NamedLink::named(params, target.call.asker);
}

/// What the plan says of a step; a plan of an earlier release says it among its own steps.
QJsonObject ResetService::wordsOf(const Target& target, const QString& id)
{
    const auto named = [](const QJsonArray& steps, const QString& name) {
        QJsonObject found;
        for (const QJsonValue& step : steps) {
            found = step["id"].toString() == name ? step.toObject() : found;
        }
        return found;
    };
    const QJsonObject own = named(target.plan["steps"].toArray(), id);
    return own.isEmpty() ? named(target.call.plan["steps"].toArray(), target.name + '.' + id) : own;
}

Step ResetService::lockStep(const Target& target, const QJsonObject& lock, int number)
{
    const QString client = lock["client"].toString();
    return {
        .id = QStringLiteral("%1.lock.%2").arg(target.name).arg(number),
        .title = QStringLiteral("Blocklist %1 and break lock %2 on %3")
                     .arg(client, lock["lock"].toString(), lock["object"].toString()),
        .checkedBy = QStringLiteral("%1 does not hold it any more").arg(client),
        .name = QStringLiteral("lock.break"),
        .objects = {target.id(), QStringLiteral("%1/lock/%2/%3/%4")
                                     .arg(lock["connection"].toString(), lock["cephPool"].toString(),
                                          lock["object"].toString(), lock["lock"].toString())},
        .detail = lock,
        .act = guarded(target, [this, lock](const Target& task,
                                            Step::Acted done) { breakLock(task, lock, std::move(done)); }),
        .verify = [this, lock](Step::Seen seen) { seeLockGone(lock, std::move(seen)); }};
}

Step ResetService::dropStep(const Target& target, const QJsonObject& object, int number)
{
    const QString name = object["object"].toString();
    const QString id = QStringLiteral("drop.%1").arg(number);
    const QJsonObject words = wordsOf(target, id);
    return {.id = target.name + '.' + id,
            .title = words["title"].toString(),
            .checkedBy = words["checkedBy"].toString(),
            .name = QStringLiteral("object.remove"),
            .objects = {target.id(), name},
            .detail = object,
            .act = guarded(target,
                           [this, object](const Target& task, Step::Acted done) {
                               dropObject(task, object, std::move(done));
                           }),
            .verify = [this, target, object](Step::Seen seen) {
                seeObjectGone(target, object, std::move(seen));
            }};
}

void ResetService::lookAtLock(const QJsonObject& lock,
                              std::function<void(const Result<std::optional<QJsonValue>>&)> then)
{
    const QJsonObject where{{"cephPool", lock["cephPool"]}, {"object", lock["object"]}};
    m_link.call(lock["connection"].toString(), QStringLiteral("lock.list"), where, kReadMs, false,
                [lock, then = std::move(then)](const Result<QJsonObject>& listed) {
                    if (!listed) {
                        then(fail(listed.error()));
                        return;
                    }
                    std::optional<QJsonValue> seen;
                    for (const QJsonValue& item : (*listed)["locks"].toArray()) {
                        for (const QJsonValue& holder : item["holders"].toArray()) {
                            if (item["lock"] == lock["lock"] && holder["client"] == lock["client"] &&
                                holder["cookie"] == lock["cookie"]) {
                                seen = holder["sessionSeen"];
                            }
                        }
                    }
                    then(seen);
                });
}

/// The holder is looked up again: a lock taken meanwhile by somebody who lives is not broken.
void ResetService::breakLock(const Target& target, const QJsonObject& lock, Step::Acted done)
{
    const QString connection = lock["connection"].toString();
    const QString client = lock["client"].toString();
    const Effect gone{.outcome = Outcome::AlreadySo,
                      .by = QStringLiteral("%1 does not hold it any more").arg(client)};
    lookAtLock(lock, [=, this](const Result<std::optional<QJsonValue>>& holder) {
        if (!holder) {
            done(fail(holder.error()));
            return;
        }
        const std::optional<QJsonValue>& seen = *holder;
        if (!seen) {
            done(gone);
            return;
        }
        if (!seen->isBool()) {
            done(fail(
                Error{.code = ErrorCode::Unavailable,
                      .message = QStringLiteral("Lock %1 on %2 is not broken")
                                     .arg(lock["lock"].toString(), lock["object"].toString()),
                      .cause = QStringLiteral("it is not known whether its holder %1 lives").arg(client),
                      .correction = QStringLiteral("Wait until every monitor says which sessions it has."),
                      .retryable = true,
                      .source = QStringLiteral("reset")}));
            return;
        }
        if (seen->toBool()) {
            done(Effect{.outcome = Outcome::NotNeeded,
                        .by = QStringLiteral("its holder %1 is alive again").arg(client)});
            return;
        }
        m_link.call(connection, QStringLiteral("blocklist.add"),
                    named(target, {{"address", lock["address"]}, {"expireSeconds", kBlocklistSeconds}}),
                    kCallMs, true, [=, this](const Result<QJsonObject>& added) {
                        if (!added) {
                            done(fail(added.error()));
                            return;
                        }
                        m_link.call(connection, QStringLiteral("lock.break"), named(target, lock), kCallMs,
                                    true, [=](const Result<QJsonObject>& broken) {
                                        if (broken) {
                                            done(Effect{});
                                        } else if (broken.error().code == ErrorCode::NotFound) {
                                            done(gone);
                                        } else {
                                            done(fail(broken.error()));
                                        }
                                    });
                    });
    });
}

void ResetService::seeLockGone(const QJsonObject& lock, Step::Seen seen)
{
    lookAtLock(lock, [lock, seen = std::move(seen)](const Result<std::optional<QJsonValue>>& holder) {
        const QString client = lock["client"].toString();
        if (!holder) {
            seen(fail(toLookAgain(holder.error())));
        } else if (!*holder) {
            seen(QStringLiteral("%1 does not hold it any more").arg(client));
        } else {
            seen(fail(Error{.code = ErrorCode::Unavailable,
                            .message = QStringLiteral("Lock %1 on %2 was broken and is still held")
                                           .arg(lock["lock"].toString(), lock["object"].toString()),
                            .cause = QStringLiteral("%1 is still named as its holder").arg(client),
                            .correction = QStringLiteral("Look at the lock, and reset the run again."),
                            .retryable = true,
                            .source = QStringLiteral("reset")}));
        }
    });
}

void ResetService::dropObject(const Target& target, const QJsonObject& object, Step::Acted done)
{
    const QString name = object["object"].toString();
    const QJsonObject to = target.plan["to"].toObject();
    const QString connection = to["connection"].toString();
    const QJsonObject where{{"cephPool", to["cephPool"]}, {"object", name}};
    const Effect gone{.outcome = Outcome::AlreadySo,
                      .by = QStringLiteral("%1 is not there any more").arg(name)};
    m_link.call(
        connection, QStringLiteral("object.stat"), where, kReadMs, false,
        [=, this](const Result<QJsonObject>& stat) {
            if (stat ? !(*stat)["exists"].toBool() : stat.error().code == ErrorCode::NotFound) {
                done(gone);
                return;
            }
            if (!stat) {
                done(fail(stat.error()));
                return;
            }
            const QString why = systems::ceph::whyDropped(*stat, target.run, target.name);
            if ((*stat)["sizeBytes"] != object["sizeBytes"] || why != object["why"].toString()) {
                done(fail(Error{.code = ErrorCode::Aborted,
                                .message = QStringLiteral("%1 changed since the plan").arg(name),
                                .cause = QStringLiteral("somebody wrote it; it is not dropped"),
                                .correction = QStringLiteral("Look at the new plan and decide again."),
                                .source = QStringLiteral("reset")}));
                return;
            }
            QJsonObject params = where;
            params["version"] = (*stat)["version"];
            m_link.call(connection, QStringLiteral("object.remove"), named(target, params), kCallMs, true,
                        [=](const Result<QJsonObject>& removed) {
                            if (removed) {
                                done(Effect{});
                            } else if (removed.error().code == ErrorCode::NotFound) {
                                done(gone);
                            } else {
                                done(fail(removed.error()));
                            }
                        });
        });
}

void ResetService::seeObjectGone(const Target& target, const QJsonObject& object, Step::Seen seen)
{
    const QString name = object["object"].toString();
    const QJsonObject to = target.plan["to"].toObject();
    const QJsonObject where{{"cephPool", to["cephPool"]}, {"object", name}};
    m_link.call(to["connection"].toString(), QStringLiteral("object.stat"), where, kReadMs, false,
                [name, seen = std::move(seen)](const Result<QJsonObject>& stat) {
                    if (stat ? !(*stat)["exists"].toBool() : stat.error().code == ErrorCode::NotFound) {
                        seen(QStringLiteral("%1 is not there any more").arg(name));
                    } else if (!stat) {
                        seen(fail(toLookAgain(stat.error())));
                    } else {
                        seen(QStringLiteral("%1 was removed, and somebody has written it since").arg(name));
                    }
                });
}

}  // namespace sluice::engine
