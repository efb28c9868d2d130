// The part of ResetService that changes a cluster: locks that are broken and objects that are dropped.
#include <QtCore/QJsonArray>
#include <optional>

#include "engine/named_link.h"
#include "engine/reset_under_way.h"
#include "systems/ceph/remains.h"

namespace sluice::engine {
namespace {

constexpr int kReadMs = 5000;
constexpr int kCallMs = 10'000;
constexpr qint64 kBlocklistSeconds = 3600;

}  // namespace

QJsonObject ResetService::named(const Reset& reset, QJsonObject params) const
{
    params["because"] = connect::Link::because(reset.run + '/' + currentTask(reset)["task"].toString(),
                                               QStringLiteral("reset of %1").arg(reset.run));
    return NamedLink::named(params, reset.asker);
}

void ResetService::lockGone(std::shared_ptr<Reset> reset, const QJsonObject& lock)
{
    stepDone(reset, {}, reset->acted ? QStringLiteral("verified") : QStringLiteral("already so"),
             QStringLiteral("%1 does not hold it any more").arg(lock["client"].toString()));
}

void ResetService::objectGone(std::shared_ptr<Reset> reset, const QJsonObject& object)
{
    stepDone(reset, {}, reset->acted ? QStringLiteral("verified") : QStringLiteral("already so"),
             QStringLiteral("%1 is not there any more").arg(object["object"].toString()));
}

void ResetService::breakLock(std::shared_ptr<Reset> reset, const QJsonObject& lock)
{
    const QString connection = lock["connection"].toString();
    const QJsonObject where{{"cephPool", lock["cephPool"]}, {"object", lock["object"]}};
    const auto failed = [this, reset](const Error& error) { stepDone(reset, fail(error)); };
    // The holder is looked up again: a lock taken meanwhile by somebody who lives is not broken.
    m_link.call(
        connection, QStringLiteral("lock.list"), where, kReadMs, false,
        [=, this](const Result<QJsonObject>& listed) {
            if (!listed) {
                failed(listed.error());
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
            if (!seen) {
                lockGone(reset, lock);
                return;
            }
            if (!seen->isBool()) {
                failed(Error{
                    .code = ErrorCode::Unavailable,
                    .message = QStringLiteral("Lock %1 on %2 is not broken")
                                   .arg(lock["lock"].toString(), lock["object"].toString()),
                    .cause = QStringLiteral("it is not known whether its holder %1 lives")
                                 .arg(lock["client"].toString()),
                    .correction = QStringLiteral("Wait until every monitor says which sessions it has."),
                    .retryable = true,
                    .source = QStringLiteral("reset")});
                return;
            }
            if (reset->acted) {
                reset->acted = false;
                failed(Error{
                    .code = ErrorCode::Unavailable,
                    .message = QStringLiteral("Lock %1 on %2 was broken and is still held")
                                   .arg(lock["lock"].toString(), lock["object"].toString()),
                    .cause = QStringLiteral("%1 is still named as its holder").arg(lock["client"].toString()),
                    .correction = QStringLiteral("Look at the lock; it is tried again."),
                    .retryable = true,
                    .source = QStringLiteral("reset")});
                return;
            }
            if (seen->toBool()) {
                stepDone(reset, {}, QStringLiteral("not needed"),
                         QStringLiteral("its holder %1 is alive again").arg(lock["client"].toString()));
                return;
            }
            m_link.call(connection, QStringLiteral("blocklist.add"),
                        named(*reset, {{"address", lock["address"]}, {"expireSeconds", kBlocklistSeconds}}),
                        kCallMs, true, [=, this](const Result<QJsonObject>& added) {
                            if (!added) {
                                failed(added.error());
                                return;
                            }
                            m_link.call(connection, QStringLiteral("lock.break"), named(*reset, lock),
                                        kCallMs, true, [=, this](const Result<QJsonObject>& broken) {
                                            if (broken) {
                                                reset->acted = true;
                                                breakLock(reset, lock);
                                            } else if (broken.error().code == ErrorCode::NotFound) {
                                                lockGone(reset, lock);
                                            } else {
                                                failed(broken.error());
                                            }
                                        });
                        });
        });
}

void ResetService::dropObject(std::shared_ptr<Reset> reset, const QJsonObject& object)
{
    const QJsonObject task = currentTask(*reset);
    const QJsonObject to = task["to"].toObject();
    const QString connection = to["connection"].toString();
    const QJsonObject where{{"cephPool", to["cephPool"]}, {"object", object["object"]}};
    m_link.call(
        connection, QStringLiteral("object.stat"), where, kReadMs, false,
        [=, this](const Result<QJsonObject>& stat) {
            const bool gone = stat ? !(*stat)["exists"].toBool() : stat.error().code == ErrorCode::NotFound;
            if (gone) {
                objectGone(reset, object);
                return;
            }
            if (!stat || reset->acted) {
                stepDone(reset, stat ? Result<void>() : Result<void>(fail(stat.error())),
                         QStringLiteral("done"),
                         QStringLiteral("%1 was removed, and somebody has written it since")
                             .arg(object["object"].toString()));
                return;
            }
            const QString why = systems::ceph::whyDropped(*stat, reset->run, task["task"].toString());
            if ((*stat)["sizeBytes"] != object["sizeBytes"] || why != object["why"].toString()) {
                stepDone(reset,
                         fail(Error{
                             .code = ErrorCode::Aborted,
                             .message =
                                 QStringLiteral("%1 changed since the plan").arg(object["object"].toString()),
                             .cause = QStringLiteral("somebody wrote it; it is not dropped"),
                             .correction = QStringLiteral("Look at the new plan and decide again."),
                             .source = QStringLiteral("reset")}),
                         {});
                return;
            }
            QJsonObject params = where;
            params["version"] = (*stat)["version"];
            m_link.call(connection, QStringLiteral("object.remove"), named(*reset, params), kCallMs, true,
                        [=, this](const Result<QJsonObject>& removed) {
                            if (removed) {
                                reset->acted = true;
                                dropObject(reset, object);
                            } else if (removed.error().code == ErrorCode::NotFound) {
                                objectGone(reset, object);
                            } else {
                                stepDone(reset, fail(removed.error()));
                            }
                        });
        });
}

}  // namespace sluice::engine
