#include "engine/recorded_link.h"

#include "actions/action.h"
#include "actions/asker.h"
#include "audit/audit_log.h"
#include "core/log.h"

namespace sluice::engine {
namespace {

constexpr qint64 kToldMs = 3'600'000;
constexpr const char* kBecause = "because";

/// Names only: parameters may hold secrets.
QString objectOf(const QString& connection, const QJsonObject& params)
{
    const auto named = [&](const char* kind, const char* param) {
        const QString where = params["connection"].toString(connection);
        return QStringLiteral("%1/%2/%3")
            .arg(where, QLatin1String(kind), params[QLatin1String(param)].toString());
    };
    const auto inCephPool = [&](const char* kind) {
        return named(kind, "cephPool") + '/' + params["object"].toString();
    };
    return params.contains(QLatin1String("lock"))      ? inCephPool("lock") + '/' + params["lock"].toString()
           : params.contains(QLatin1String("address")) ? named("client", "address")
           : params.contains(QLatin1String("entity"))  ? named("auth-entity", "entity")
           : params.contains(QLatin1String("accessKey")) ? named("s3-key", "accessKey")
           : params.contains(QLatin1String("cephPool"))  ? inCephPool("object")
           : params.contains(QLatin1String("bucket"))
               ? named("bucket", "bucket") + '/' + params["key"].toString()
               : connection;
}

}  // namespace

struct RecordedLink::Act {
    QString connection{};
    QString method{};
    QJsonObject params{};
    int deadlineMs{};
    Reply reply{};
    QString object{};
    QJsonObject because{};

    actions::Asker asker() const
    {
        const auto asked = actions::Asker::fromJson(because["asker"].toObject());
        return asked.isNobody() ? actions::engineItself(QStringLiteral("sluiced")) : asked;
    }
    QString key() const
    {
        return QStringList{method, object, because["reason"].toString(), asker().requestId}.join(' ');
    }
};

RecordedLink::RecordedLink(connect::Link& link, audit::AuditLog& audit, const Clock& clock, QObject* parent)
    : QObject(parent), m_link(link), m_audit(audit), m_clock(clock)
{
}

void RecordedLink::call(const QString& connection, const QString& method, const QJsonObject& params,
                        int deadlineMs, bool mutating, Reply reply)
{
    if (const std::optional<Error> closed = mutating && m_gate ? m_gate() : std::optional<Error>()) {
        reply(fail(*closed));
        return;
    }
    // What would be refused anyway leaves no record.
    if (!mutating || !m_link.mayAct(connection)) {
        m_link.call(connection, method, params, deadlineMs, mutating, std::move(reply));
        return;
    }
    auto act = std::make_shared<Act>(Act{.connection = connection,
                                         .method = method,
                                         .params = params,
                                         .deadlineMs = deadlineMs,
                                         .reply = std::move(reply)});
    act->because = act->params.take(QLatin1String(kBecause)).toObject();
    act->object = objectOf(connection, act->params);
    m_told.removeIf([now = m_clock.monotonicMs()](std::pair<const QString&, Told&> told) {
        return now - told.second.sinceMs >= kToldMs;
    });
    if (m_told.contains(act->key())) {
        send(act);
        return;
    }
    record(*act, QStringLiteral("intent"), {}, [this, act](const Result<void>& written) {
        if (!written) {
            Error error = written.error();
            error.message = QStringLiteral("Nothing was done: the audit record could not be written");
            error.retryable = true;
            act->reply(fail(error));
            return;
        }
        m_told.insert(act->key(), {.sinceMs = m_clock.monotonicMs()});
        send(act);
    });
}

void RecordedLink::send(std::shared_ptr<Act> act)
{
    m_link.call(act->connection, act->method, act->params, act->deadlineMs, true,
                [this, act](const Result<QJsonObject>& result) {
                    ended(*act, result);
                    act->reply(result);
                });
}

void RecordedLink::ended(const Act& act, const Result<QJsonObject>& result)
{
    const bool makes = act.method.endsWith(QLatin1String(".create"));
    const bool gone = !result && !makes && result.error().code == ErrorCode::NotFound;
    const bool made = result && !(*result)["created"].toBool(true);
    using actions::Outcome;
    const bool unknown = !result && result.error().code == ErrorCode::OutcomeUnknown;
    const QString outcome = actions::toString(gone || made ? Outcome::AlreadySo
                                              : result     ? Outcome::Done
                                              : unknown    ? Outcome::Unknown
                                                           : Outcome::Failed);
    const auto told = m_told.find(act.key());
    if (told == m_told.end() || !told->outcomes.contains(outcome)) {
        if (told != m_told.end()) {
            told->outcomes.insert(outcome);
        }
        // The answer is not recorded: that of a new key is the key.
        record(
            act, outcome, result ? QJsonObject() : QJsonObject{{"error", result.error().toJson()}},
            [key = act.key()](const Result<void>& written) {
                if (!written) {
                    log::error(
                        "audit",
                        QStringLiteral("outcome of %1 not recorded: %2").arg(key, written.error().toLine()));
                }
            });
    }
    if (result || gone) {
        m_told.remove(act.key());
    }
}

void RecordedLink::record(const Act& act, const QString& outcome, const QJsonObject& detail, Recorded done)
{
    QStringList objects{act.object};
    if (const QString object = act.because["object"].toString(); !object.isEmpty()) {
        objects.append(object);
    }
    const bool makes = act.method.endsWith(QLatin1String(".create"));
    const actions::Asker asker = act.asker();
    m_audit.append(audit::Record{.principal = asker.principal,
                                 .role = asker.role,
                                 .via = asker.via,
                                 .action = act.method,
                                 .requestId = asker.requestId,
                                 .outcome = outcome,
                                 .reason = act.because["reason"].toString(asker.reason),
                                 .actionClass = makes ? 1 : 2,
                                 .objects = objects,
                                 .detail = detail},
                   this, [done = std::move(done)](const Result<audit::Record>& written) {
                       done(written ? Result<void>() : Result<void>(fail(written.error())));
                   });
}

}  // namespace sluice::engine
