#include "actions/action_runner.h"

#include <QtCore/QJsonArray>

#include <utility>

#include "actions/open_action.h"
#include "core/log.h"

namespace sluice::actions {
namespace {

/// An action has some records, two for each of its steps and of its calls to a system.
constexpr int kRecordsRead = 5000;

Error usedForSomethingElse(const QString& requestId, const RequestBook::Entry& known, const QString& cause)
{
    return Error{
        .code = ErrorCode::InvalidArgument,
        .message = QStringLiteral("Nothing was done: the request id %1 was used for %2 (%3)")
                       .arg(requestId, known.method, known.action),
        .cause = cause,
        .correction = QStringLiteral("Send a new request id for a new request, and an old one only with the "
                                     "same parameters."),
        .source = QStringLiteral("actions")};
}

}  // namespace

ActionRunner::ActionRunner(audit::AuditLog& audit, RequestBook& requests, const Clock& clock,
                           KeptActions* kept, QObject* parent)
    : LiveTopic(parent), m_audit(audit), m_requests(requests), m_clock(clock), m_kept(kept)
{
}

ActionRunner::~ActionRunner() = default;

void ActionRunner::start()
{
    m_audit.list(0, kRecordsRead, this, [this](const Result<QList<audit::Record>>& records) {
        if (!records) {
            log::warn("actions",
                      QStringLiteral("the last actions are not known: %1").arg(records.error().toLine()));
            return;
        }
        const QStringList restored = m_rows.restore(*records, m_kept ? m_kept->leftIds() : QStringList());
        if (!restored.isEmpty()) {
            announce(restored);
        }
    });
}

void ActionRunner::show(const Open& open, const QString& state, const QString& detail, qint64 auditSeq)
{
    const Action& action = open.action;
    QJsonObject members{{"action", action.method},
                        {"title", action.title},
                        {"class", action.actionClass},
                        {"principal", action.asker.principal},
                        {"reason", action.asker.reason},
                        {"requestId", action.asker.requestId},
                        {"objects", QJsonArray::fromStringList(action.objects)},
                        {"plan", action.detail["plan"].toObject()},
                        {"state", state},
                        {"detail", detail},
                        {"endedAt", endsIt(state) ? toRfc3339(m_clock.nowMs()) : QString()},
                        {"auditSeq", auditSeq}};
    if (m_rows.full(open.id).isEmpty()) {
        members["at"] = toRfc3339(m_clock.nowMs());
        members["steps"] =
            ActionRows::waiting(action.detail["plan"]["steps"].toArray(action.detail["steps"].toArray()));
    }
    announce({open.id}, m_rows.put(open.id, members));
}

void ActionRunner::record(const Open& open, const QString& outcome, const QJsonObject& detail,
                          std::function<void(Result<audit::Record>)> done)
{
    const Action& a = open.action;
    QJsonObject full = detail;
    full["actionId"] = open.id;
    if (outcome == QLatin1String("intent")) {
        full["title"] = a.title;
    }
    m_audit.append(audit::Record{.principal = a.asker.principal,
                                 .role = a.asker.role,
                                 .via = a.asker.via,
                                 .action = a.method,
                                 .requestId = a.asker.requestId,
                                 .planHash = a.planHash,
                                 .stateHash = a.stateHash,
                                 .outcome = outcome,
                                 .reason = a.asker.reason,
                                 .actionClass = a.actionClass,
                                 .objects = a.objects,
                                 .detail = full},
                   this, std::move(done));
}

/// Whether the request was seen before; then it is answered.
bool ActionRunner::replay(const Action& action, const Reply& reply) const
{
    const Asker& asker = action.asker;
    const auto known = m_requests.find(asker.requestId);
    if (!known) {
        return false;
    }
    if (known->method != action.method) {
        reply(fail(usedForSomethingElse(asker.requestId, *known,
                                        QStringLiteral("a request id names one request for ever"))));
    } else if (!known->params.isEmpty() && known->params != asker.paramsHash) {
        reply(fail(
            usedForSomethingElse(asker.requestId, *known, QStringLiteral("it had other parameters then"))));
    } else if (known->stage == RequestBook::Stage::Succeeded) {
        reply(known->answer);
    } else if (known->stage == RequestBook::Stage::Failed) {
        reply(fail(Error::fromJson(known->answer)));
    } else {
        reply(fail(Error{
            .code = ErrorCode::OutcomeUnknown,
            .message = QStringLiteral("This request is already under way, or was when the engine ended"),
            .cause = QStringLiteral("it was begun as %1 and has no outcome yet").arg(known->action),
            .correction =
                QStringLiteral("Look at the run or role itself before asking again under a new request id."),
            .source = QStringLiteral("actions")}));
    }
    return true;
}

void ActionRunner::run(Action action, Reply reply)
{
    if (replay(action, reply)) {
        return;
    }
    auto open = std::make_shared<Open>();
    open->id = m_requests.nextActionId();
    open->action = std::move(action);
    open->reply = std::move(reply);
    if (open->action.alone) {
        m_alone.insert(open->aloneKey());
    }
    const RequestBook::Entry entry{
        .method = open->action.method, .params = open->action.asker.paramsHash, .action = open->id};
    m_requests.put(open->action.asker.requestId, entry, m_clock.nowMs(),
                   [this, open](const Result<void>& kept) {
                       if (!kept) {
                           m_alone.remove(open->aloneKey());
                           open->reply(fail(kept.error()));
                           return;
                       }
                       begin(open);
                   });
}

void ActionRunner::begin(OpenPtr open)
{
    record(*open, QStringLiteral("intent"), open->action.detail, [this, open](Result<audit::Record> written) {
        if (!written) {
            Error error = written.error();
            error.message = QStringLiteral("Nothing was done: the audit record could not be written");
            close(open, {}, fail(error));
            return;
        }
        open->auditSeq = written->seq;
        show(*open, QStringLiteral("executing"), {}, open->auditSeq);
        execute(open);
    });
}

void ActionRunner::execute(OpenPtr open)
{
    const auto done = [this, open](const Result<QJsonObject>& result) { executed(open, result); };
    const auto started = [open] {
        if (open->reply) {
            std::exchange(open->reply, {})(QJsonObject{{"action", open->id}});
        }
    };
    if (open->action.execute) {
        open->action.execute(done);
    } else {
        const auto kept = [this, open, started](const Result<void>& written) {
            if (!written) {
                close(open, toString(Outcome::Failed), fail(written.error()));
                return;
            }
            if (open->action.answersEarly) {
                started();
            }
            open->begun = true;
            walk(open);
        };
        if (!open->action.stillHolds) {
            keep(open, kept);
            return;
        }
        open->action.stillHolds([this, open, kept](const Result<void>& holds) {
            if (holds) {
                keep(open, kept);
            } else {
                close(open, toString(Outcome::Failed), fail(holds.error()));
            }
        });
    }
}

void ActionRunner::executed(OpenPtr open, const Result<QJsonObject>& result)
{
    if (!result) {
        const bool unknown = result.error().code == ErrorCode::OutcomeUnknown;
        close(open, toString(unknown ? Outcome::Unknown : Outcome::Failed), result);
        return;
    }
    QJsonObject answer = *result;
    answer["action"] = open->id;
    if (!open->action.verify) {
        close(open, toString(Outcome::Done), answer);
        return;
    }
    open->action.verify(answer, [this, open, answer](const Result<QString>& by) {
        if (by) {
            open->seen = *by;
            close(open, toString(Outcome::Verified), answer);
        } else {
            close(open, toString(Outcome::NotVerified), fail(by.error()));
        }
    });
}

/// @param outcome empty: it could not be recorded that it was asked for
void ActionRunner::close(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result)
{
    const auto end = [this, open, outcome, result] {
        m_alone.remove(open->aloneKey());
        if (outcome.isEmpty()) {
            ended(open, toString(Outcome::Failed), result, 0);
        } else {
            recordEnd(open, outcome, result);
        }
    };
    const auto putRight = [open, result, end] {
        if (open->action.over && open->begun) {
            open->action.over(result, end);
        } else {
            end();
        }
    };
    if (result || !open->begun || KeptActions::hadFailed(open->action.kept)) {
        putRight();
        return;
    }
    keepFailure(open, outcome, result.error(), [open, putRight](const Result<void>& kept) {
        if (!kept) {
            log::warn(
                "actions",
                QStringLiteral("the failure of %1 is not kept: %2").arg(open->id, kept.error().toLine()));
        }
        putRight();
    });
}

void ActionRunner::recordEnd(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result)
{
    QJsonObject detail;
    if (!result) {
        detail["error"] = result.error().toJson();
    } else {
        detail["answer"] = *result;
        if (!open->seen.isEmpty()) {
            detail["by"] = open->seen;
        }
    }
    record(*open, outcome, detail, [this, open, outcome, result](Result<audit::Record> written) {
        if (!written) {
            log::error(
                "actions",
                QStringLiteral("outcome of %1 not recorded: %2").arg(open->id, written.error().toLine()));
        }
        ended(open, outcome, result, written ? written->seq : open->auditSeq);
    });
}

void ActionRunner::ended(OpenPtr open, const QString& outcome, const Result<QJsonObject>& result,
                         qint64 auditSeq)
{
    const RequestBook::Entry entry{
        .stage = result ? RequestBook::Stage::Succeeded : RequestBook::Stage::Failed,
        .method = open->action.method,
        .params = open->action.asker.paramsHash,
        .action = open->id,
        .answer = result ? *result : result.error().toJson()};
    show(*open, outcome, result ? open->seen : result.error().toLine(), auditSeq);
    m_requests.put(open->action.asker.requestId, entry, m_clock.nowMs(),
                   [this, open, result](const Result<void>& kept) {
                       if (kept && m_kept && !open->action.kept.isEmpty()) {
                           m_kept->forget(open->id);
                       }
                       if (open->reply) {
                           open->reply(result);
                       }
                   });
}

void ActionRunner::appendRecord(const Asker& asker, const QString& method, int actionClass,
                                const QStringList& objects, const QString& outcome, const QJsonObject& detail,
                                std::function<void(const Result<void>&)> then)
{
    m_audit.append(audit::Record{.principal = asker.principal,
                                 .role = asker.role,
                                 .via = asker.via,
                                 .action = method,
                                 .requestId = asker.requestId,
                                 .outcome = outcome,
                                 .reason = asker.reason,
                                 .actionClass = actionClass,
                                 .objects = objects,
                                 .detail = detail},
                   this,
                   [this, method, objects, outcome, then = std::move(then)](Result<audit::Record> written) {
                       if (written) {
                           if (const QString id = m_rows.follow(*written); !id.isEmpty()) {
                               announce({id});
                           }
                       } else {
                           log::error("actions", QStringLiteral("%1 of %2 (%3) not recorded: %4")
                                                     .arg(method, objects.join(QStringLiteral(", ")), outcome,
                                                          written.error().toLine()));
                       }
                       if (then) {
                           then(written ? Result<void>() : Result<void>(fail(written.error())));
                       }
                   });
}

}  // namespace sluice::actions
