#include "systems/ceph/remains_steps.h"

#include <QtCore/QJsonArray>
#include <optional>

#include "systems/ceph/remains.h"

namespace sluice::systems::ceph {

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

/// Calls `then` with whether it is held by the planned holder, and whether that one lives.
void lookAtLock(connect::Link& link, const QJsonObject& lock,
                std::function<void(const Result<std::optional<QJsonValue>>&)> then)
{
    const QJsonObject where{{"cephPool", lock["cephPool"]}, {"object", lock["object"]}};
    link.call(lock["connection"].toString(), QStringLiteral("lock.list"), where, kReadMs, false,
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
void breakLock(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& lock,
               Step::Acted done)
{
    const QString connection = lock["connection"].toString();
    const QString client = lock["client"].toString();
    const Effect gone{.outcome = Outcome::AlreadySo,
                      .by = QStringLiteral("%1 does not hold it any more").arg(client)};
    lookAtLock(link, lock, [=, &link](const Result<std::optional<QJsonValue>>& holder) {
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
        link.call(connection, QStringLiteral("blocklist.add"),
                  owner.named({{"address", lock["address"]}, {"expireSeconds", kBlocklistSeconds}}), kCallMs,
                  true, [=, &link](const Result<QJsonObject>& added) {
                      if (!added) {
                          done(fail(added.error()));
                          return;
                      }
                      link.call(connection, QStringLiteral("lock.break"), owner.named(lock), kCallMs, true,
                                [=](const Result<QJsonObject>& broken) {
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

void seeLockGone(connect::Link& link, const QJsonObject& lock, Step::Seen seen)
{
    lookAtLock(link, lock, [lock, seen = std::move(seen)](const Result<std::optional<QJsonValue>>& holder) {
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

QJsonObject placeOf(const connect::RemainsOwner& owner, const QJsonObject& object)
{
    return {{"cephPool", owner.to.cephPool}, {"object", object["object"]}};
}

/// @param holder one that is not known to be dead
Error heldError(const QString& object, const QString& lock, const QJsonObject& holder)
{
    const bool known = holder["sessionSeen"].isBool();
    const QString client = holder["client"].toString();
    return {.code = known ? ErrorCode::Aborted : ErrorCode::Unavailable,
            .message = QStringLiteral("%1 is not removed").arg(object),
            .cause = known ? QStringLiteral("%1 holds lock %2 on it and is alive").arg(client, lock)
                           : QStringLiteral("it is not known whether %1, who holds lock %2 on it, lives")
                                 .arg(client, lock),
            .correction = known ? QStringLiteral("Find out what %1 is; when it is done or stopped, look at "
                                                 "the new plan and decide again.")
                                      .arg(client)
                                : QStringLiteral("Wait until every monitor says which sessions it has."),
            .retryable = !known,
            .source = QStringLiteral("reset")};
}

/// Refuses an object that somebody holds who is not known to be dead.
void seeNobodyHolds(connect::Link& link, const QString& connection, const QJsonObject& where,
                    std::function<void(const Result<void>&)> then)
{
    link.call(connection, QStringLiteral("lock.list"), where, kReadMs, false,
              [where, then = std::move(then)](const Result<QJsonObject>& listed) {
                  if (!listed) {
                      then(listed.error().code == ErrorCode::NotFound ? Result<void>()
                                                                      : Result<void>(fail(listed.error())));
                      return;
                  }
                  std::optional<Error> held;
                  for (const QJsonValue& lock : (*listed)["locks"].toArray()) {
                      for (const QJsonValue& holder : lock["holders"].toArray()) {
                          if (holder["sessionSeen"].toBool(true) && (!held || held->retryable)) {
                              held = heldError(where["object"].toString(), lock["lock"].toString(),
                                               holder.toObject());
                          }
                      }
                  }
                  then(held ? Result<void>(fail(*held)) : Result<void>());
              });
}

void dropObject(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& object,
                Step::Acted done)
{
    const QString name = object["object"].toString();
    const QString connection = owner.to.connection;
    const QJsonObject where = placeOf(owner, object);
    const Effect gone{.outcome = Outcome::AlreadySo,
                      .by = QStringLiteral("%1 is not there any more").arg(name)};
    link.call(connection, QStringLiteral("object.stat"), where, kReadMs, false,
              [=, &link](const Result<QJsonObject>& stat) {
                  if (stat ? !(*stat)["exists"].toBool() : stat.error().code == ErrorCode::NotFound) {
                      done(gone);
                      return;
                  }
                  if (!stat) {
                      done(fail(stat.error()));
                      return;
                  }
                  const QString why = whyDropped(*stat, owner.run, owner.task);
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
                  const auto remove = [=, &link](const Result<void>& nobody) {
                      if (!nobody) {
                          done(fail(nobody.error()));
                          return;
                      }
                      link.call(connection, QStringLiteral("object.remove"), owner.named(params), kCallMs,
                                true, [=](const Result<QJsonObject>& removed) {
                                    if (removed) {
                                        done(Effect{});
                                    } else if (removed.error().code == ErrorCode::NotFound) {
                                        done(gone);
                                    } else {
                                        done(fail(removed.error()));
                                    }
                                });
                  };
                  // A lock that is taken after this changes the version, and the removal is refused.
                  seeNobodyHolds(link, connection, where, remove);
              });
}

void seeObjectGone(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& object,
                   Step::Seen seen)
{
    const QString name = object["object"].toString();
    link.call(owner.to.connection, QStringLiteral("object.stat"), placeOf(owner, object), kReadMs, false,
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

}  // namespace

Step lockStep(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& lock)
{
    const QString client = lock["client"].toString();
    return {.title = QStringLiteral("Blocklist %1 and break lock %2 on %3")
                         .arg(client, lock["lock"].toString(), lock["object"].toString()),
            .checkedBy = QStringLiteral("%1 does not hold it any more").arg(client),
            .name = QStringLiteral("lock.break"),
            .objects = {QStringLiteral("%1/lock/%2/%3/%4")
                            .arg(lock["connection"].toString(), lock["cephPool"].toString(),
                                 lock["object"].toString(), lock["lock"].toString())},
            .detail = lock,
            .act = [&link, owner, lock](Step::Acted done) { breakLock(link, owner, lock, std::move(done)); },
            .verify = [&link, lock](Step::Seen seen) { seeLockGone(link, lock, std::move(seen)); }};
}

Step dropStep(connect::Link& link, const connect::RemainsOwner& owner, const QJsonObject& object)
{
    return {
        .name = QStringLiteral("object.remove"),
        .objects = {object["object"].toString()},
        .detail = object,
        .act = [&link, owner, object](Step::Acted done) { dropObject(link, owner, object, std::move(done)); },
        .verify = [&link, owner,
                   object](Step::Seen seen) { seeObjectGone(link, owner, object, std::move(seen)); }};
}

}  // namespace sluice::systems::ceph
