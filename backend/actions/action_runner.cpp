#include "actions/action_runner.h"

#include <QtCore/QJsonArray>

#include <utility>

#include "core/log.h"

namespace sluice::actions {
namespace {

constexpr qsizetype kRowsKept = 200;
/// An action has a handful of records, one for each of its steps.
constexpr int kRecordsRead = 2000;
/// Outcomes that end an action, as its row says them.
const QStringList kStates{QStringLiteral("done"),           QStringLiteral("already so"),
                          QStringLiteral("not needed"),     QStringLiteral("verified"),
                          QStringLiteral("not verified"),   QStringLiteral("failed"),
                          QStringLiteral("outcome unknown")};

/// What is said of an action besides its state: why it did not work, or what was seen of it.
QString detailOf(const audit::Record& record)
{
    const Error error = Error::fromJson(record.detail["error"].toObject());
    return error.message.isEmpty() ? record.detail["by"].toString() : error.toLine();
}

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

struct ActionRunner::Open {
    QString id{};
    Action action{};
    Reply reply{};
    qint64 auditSeq{};
    QString seen{};  // what verified it
};

ActionRunner::ActionRunner(audit::AuditLog& audit, RequestBook& requests, const Clock& clock, QObject* parent)
    : LiveTopic(parent), m_audit(audit), m_requests(requests), m_clock(clock)
{
}

void ActionRunner::start()
{
    m_audit.list(0, kRecordsRead, this, [this](const Result<QList<audit::Record>>& records) {
        if (records) {
            restore(*records);
        } else {
            log::warn("actions",
                      QStringLiteral("the last actions are not known: %1").arg(records.error().toLine()));
        }
    });
}

/// Newest first. What has an intent and no outcome was under way when the engine ended.
void ActionRunner::restore(const QList<audit::Record>& records)
{
    QList<QJsonObject> rows;
    QHash<QString, audit::Record> outcomes;
    const QStringList present = ids();
    for (const audit::Record& record : records) {
        const QString id = record.detail["actionId"].toString();
        const QString key = record.requestId + ' ' + record.action;
        if (record.outcome != QLatin1String("intent")) {
            if (!outcomes.contains(key) && (!id.isEmpty() || kStates.contains(record.outcome))) {
                outcomes.insert(key, record);
            }
            continue;
        }
        if (id.isEmpty() || present.contains(id) || rows.size() + m_rows.size() >= kRowsKept) {
            continue;
        }
        const bool over = outcomes.contains(key) && kStates.contains(outcomes.value(key).outcome);
        const audit::Record last = outcomes.value(key, record);
        rows.append(
            {{"id", id},
             {"at", record.time},
             {"action", record.action},
             {"title", record.detail["title"].toString()},
             {"class", record.actionClass},
             {"principal", record.principal},
             {"objects", QJsonArray::fromStringList(record.objects)},
             {"state", over ? last.outcome : QStringLiteral("outcome unknown")},
             {"detail", over ? detailOf(last) : QStringLiteral("the engine ended before it was over")},
             {"auditSeq", last.seq}});
        m_noted.insert(key, id);
    }
    QStringList restored;
    for (const QJsonObject& row : std::as_const(rows)) {
        restored.append(row["id"].toString());
    }
    m_rows += rows;
    if (!restored.isEmpty()) {
        announce(restored);
    }
}

/// The rest of an action that an earlier life began.
void ActionRunner::showNoted(const audit::Record& record)
{
    const QString id = m_noted.value(record.requestId + ' ' + record.action);
    for (QJsonObject& row : m_rows) {
        if (!id.isEmpty() && row["id"] == id) {
            row["state"] = kStates.contains(record.outcome) ? record.outcome : QStringLiteral("executing");
            row["detail"] = detailOf(record);
            row["auditSeq"] = record.seq;
            announce({id});
        }
    }
}

QStringList ActionRunner::ids() const
{
    QStringList result;
    for (const QJsonObject& row : m_rows) {
        result.append(row["id"].toString());
    }
    return result;
}

QJsonObject ActionRunner::row(const QString& id) const
{
    for (const QJsonObject& row : m_rows) {
        if (row["id"].toString() == id) {
            return row;
        }
    }
    return {};
}

void ActionRunner::show(const Open& open, const QString& state, const QString& detail, qint64 auditSeq)
{
    QJsonObject row{{"id", open.id},
                    {"at", toRfc3339(m_clock.nowMs())},
                    {"action", open.action.method},
                    {"title", open.action.title},
                    {"class", open.action.actionClass},
                    {"principal", open.action.asker.principal},
                    {"objects", QJsonArray::fromStringList(open.action.objects)},
                    {"state", state},
                    {"detail", detail},
                    {"auditSeq", auditSeq}};
    for (QJsonObject& old : m_rows) {
        if (old["id"] == row["id"]) {
            row["at"] = old["at"];
            old = row;
            announce({open.id});
            return;
        }
    }
    m_rows.prepend(row);
    QStringList removed;
    while (m_rows.size() > kRowsKept) {
        removed.append(m_rows.takeLast()["id"].toString());
    }
    announce({open.id}, removed);
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

void ActionRunner::run(Action action, Reply reply)
{
    if (const auto known = m_requests.find(action.asker.requestId)) {
        const Asker& asker = action.asker;
        if (known->method != action.method) {
            reply(fail(usedForSomethingElse(asker.requestId, *known,
                                            QStringLiteral("a request id names one request for ever"))));
        } else if (!known->params.isEmpty() && known->params != asker.paramsHash) {
            reply(fail(usedForSomethingElse(asker.requestId, *known,
                                            QStringLiteral("it had other parameters then"))));
        } else if (known->stage == RequestBook::Stage::Succeeded) {
            reply(known->answer);
        } else if (known->stage == RequestBook::Stage::Failed) {
            reply(fail(Error::fromJson(known->answer)));
        } else {
            reply(fail(Error{
                .code = ErrorCode::OutcomeUnknown,
                .message = QStringLiteral("This request is already under way, or was when the engine ended"),
                .cause = QStringLiteral("it was begun as %1 and has no outcome yet").arg(known->action),
                .correction = QStringLiteral(
                    "Look at the run or role itself before asking again under a new request id."),
                .source = QStringLiteral("actions")}));
        }
        return;
    }
    auto open = std::make_shared<Open>();
    open->id = m_requests.nextActionId();
    open->action = std::move(action);
    open->reply = std::move(reply);
    const RequestBook::Entry entry{
        .method = open->action.method, .params = open->action.asker.paramsHash, .action = open->id};
    m_requests.put(
        open->action.asker.requestId, entry, m_clock.nowMs(), [this, open](const Result<void>& kept) {
            if (!kept) {
                open->reply(fail(kept.error()));
                return;
            }
            record(*open, QStringLiteral("intent"), open->action.detail,
                   [this, open](Result<audit::Record> written) {
                       if (!written) {
                           Error error = written.error();
                           error.message =
                               QStringLiteral("Nothing was done: the audit record could not be written");
                           close(open, {}, fail(error));
                           return;
                       }
                       open->auditSeq = written->seq;
                       show(*open, QStringLiteral("executing"), {}, open->auditSeq);
                       execute(open);
                   });
        });
}

void ActionRunner::execute(std::shared_ptr<Open> open)
{
    const auto done = [this, open](const Result<QJsonObject>& result) { executed(open, result); };
    if (!open->action.executeAsync) {
        open->action.execute(done);
        return;
    }
    const auto started = [open] {
        if (open->reply) {
            std::exchange(open->reply, {})(QJsonObject{{"action", open->id}});
        }
    };
    open->action.executeAsync(started, done);
}

void ActionRunner::executed(std::shared_ptr<Open> open, const Result<QJsonObject>& result)
{
    if (!result) {
        const bool unknown = result.error().code == ErrorCode::OutcomeUnknown;
        close(open, unknown ? QStringLiteral("outcome unknown") : QStringLiteral("failed"), result);
        return;
    }
    QJsonObject answer = *result;
    answer["action"] = open->id;
    if (!open->action.verify) {
        close(open, QStringLiteral("done"), answer);
        return;
    }
    open->action.verify(answer, [this, open, answer](const Result<QString>& by) {
        if (by) {
            open->seen = *by;
            close(open, QStringLiteral("verified"), answer);
        } else {
            close(open, QStringLiteral("not verified"), fail(by.error()));
        }
    });
}

void ActionRunner::close(std::shared_ptr<Open> open, const QString& outcome,
                         const Result<QJsonObject>& result)
{
    const RequestBook::Entry entry{
        .stage = result ? RequestBook::Stage::Succeeded : RequestBook::Stage::Failed,
        .method = open->action.method,
        .params = open->action.asker.paramsHash,
        .action = open->id,
        .answer = result ? *result : result.error().toJson()};
    const auto finish = [this, open, entry, result](qint64 seq, const QString& state) {
        show(*open, state, result ? open->seen : result.error().toLine(), seq);
        m_requests.put(open->action.asker.requestId, entry, m_clock.nowMs(),
                       [open, result](const Result<void>&) {
                           if (open->reply) {
                               open->reply(result);
                           }
                       });
    };
    if (outcome.isEmpty()) {
        finish(0, QStringLiteral("failed"));
        return;
    }
    QJsonObject detail;
    if (!result) {
        detail["error"] = result.error().toJson();
    } else {
        detail["answer"] = *result;
        if (!open->seen.isEmpty()) {
            detail["by"] = open->seen;
        }
    }
    record(*open, outcome, detail, [open, finish, outcome](Result<audit::Record> written) {
        if (!written) {
            log::error(
                "actions",
                QStringLiteral("outcome of %1 not recorded: %2").arg(open->id, written.error().toLine()));
        }
        finish(written ? written->seq : open->auditSeq, outcome);
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
                           showNoted(*written);
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
