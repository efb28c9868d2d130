#include "systems/ceph/change_gate.h"

#include <cerrno>

#include <QtCore/QJsonArray>
#include <QtCore/QStringList>

#include "core/clock.h"
#include "core/units.h"

namespace sluice::systems::ceph {
namespace {

/// Nothing else tells when the right is there again.
constexpr qint64 kRefusedMs = 60'000;

QString clockOf(qint64 ms)
{
    return toRfc3339(ms).mid(11, 8);
}

QString because(const Error& error)
{
    return error.cause.isEmpty() ? error.message : QStringLiteral("%1: %2").arg(error.message, error.cause);
}

}  // namespace

ChangeGate::ChangeGate(QString connection, qint64 silentAfterMs)
    : m_connection(std::move(connection)), m_silentAfterMs(silentAfterMs)
{
}

void ChangeGate::leaseIs(const QJsonObject& lease)
{
    const bool renewed = lease["state"] == QLatin1String("held") && lease["error"].toObject().isEmpty();
    if (renewed) {
        m_unanswered.reset();
    }
    m_lease = lease;
}

void ChangeGate::monitorsAre(const QJsonObject& quorum)
{
    m_quorum = quorum;
}

void ChangeGate::changeEnded(const QString& method, const Result<QJsonObject>& result, qint64 nowMs)
{
    m_unanswered.reset();
    if (result) {
        // Another change may take another right.
        if (method == m_refusedMethod) {
            m_refused.reset();
        }
        return;
    }
    // What an OSD refuses is of one Ceph pool only.
    if (result.error().code == ErrorCode::PermissionDenied && result.error().upstream &&
        result.error().upstream->code == -EACCES) {
        m_refused = result.error();
        m_refusedMethod = method;
        m_refusedAtMs = nowMs;
    }
    switch (result.error().code) {
        case ErrorCode::Unavailable:
        case ErrorCode::DeadlineExceeded:
        case ErrorCode::OutcomeUnknown:
            m_unanswered = result.error();
            break;
        default:
            break;
    }
}

Error ChangeGate::blocked(const QString& message, const QString& cause, const QString& correction) const
{
    return {.code = ErrorCode::FailedPrecondition,
            .message = message,
            .cause = cause,
            .correction = correction,
            .retryable = true,
            .source = m_connection};
}

std::optional<Error> ChangeGate::notLeading() const
{
    const QString state = m_lease["state"].toString();
    const Error why = Error::fromJson(m_lease["error"].toObject());
    if (state == QLatin1String("other")) {
        return blocked(
            QStringLiteral("%1 is led by another engine: %2").arg(m_connection, m_lease["owner"].toString()),
            QStringLiteral("only one engine may change a cluster at a time"),
            QStringLiteral("Use that engine, or stop it."));
    }
    if (state != QLatin1String("held")) {
        return blocked(QStringLiteral("the lease of %1 is not held").arg(m_connection),
                       why.message.isEmpty()
                           ? QStringLiteral("%1 has not granted it, or does not answer").arg(m_connection)
                           : because(why),
                       why.correction.isEmpty()
                           ? QStringLiteral("It is taken as soon as the cluster answers.")
                           : why.correction);
    }
    return std::nullopt;
}

Result<void> ChangeGate::leads() const
{
    const std::optional<Error> trouble = notLeading();
    return trouble ? Result<void>(fail(*trouble)) : Result<void>();
}

std::optional<Error> ChangeGate::leaseTrouble(qint64 nowMs) const
{
    if (auto trouble = notLeading()) {
        return trouble;
    }
    const Error why = Error::fromJson(m_lease["error"].toObject());
    const qint64 until = fromRfc3339(m_lease["until"].toString());
    if (until > 0 && until <= nowMs) {
        return blocked(
            QStringLiteral("the lease of %1 ran out at %2").arg(m_connection, clockOf(until)),
            why.message.isEmpty() ? QStringLiteral("nothing was heard of a renewal") : because(why),
            QStringLiteral("It is taken again as soon as the cluster answers."));
    }
    if (!why.message.isEmpty()) {
        return blocked(QStringLiteral("the lease of %1 could not be renewed").arg(m_connection), because(why),
                       why.correction);
    }
    return std::nullopt;
}

Result<void> ChangeGate::mayChange(qint64 nowMs) const
{
    const std::optional<Error> lease = leaseTrouble(nowMs);
    // Another owner stays one, whatever the monitors do; all else that fails without a quorum fails for want
    // of it.
    if (lease && m_lease["state"] == QLatin1String("other")) {
        return fail(*lease);
    }
    if (m_heardAtMs > 0 && nowMs - m_heardAtMs > m_silentAfterMs) {
        return fail(blocked(QStringLiteral("nothing was heard of %1 for %2")
                                .arg(m_connection, formatDuration(nowMs - m_heardAtMs)),
                            QStringLiteral("its observer does not answer"),
                            QStringLiteral("Changes are possible again as soon as it does.")));
    }
    if (!m_quorum.isEmpty() && !m_quorum["quorate"].toBool()) {
        QStringList absent;
        const QJsonArray names = m_quorum["absent"].toArray();
        for (const QJsonValue& name : names) {
            absent.append(name.toString());
        }
        return fail(blocked(
            QStringLiteral("%1 has no monitor quorum, and no change works without one").arg(m_connection),
            m_quorum["why"].toString(),
            absent.isEmpty()
                ? QStringLiteral("Look at the clocks of the monitors and the network between them.")
                : QStringLiteral("Start the monitors that do not answer: %1.")
                      .arg(absent.join(QStringLiteral(", ")))));
    }
    if (lease) {
        return fail(*lease);
    }
    if (m_refused && nowMs - m_refusedAtMs < kRefusedMs) {
        Error refused =
            blocked(QStringLiteral("%1 gave this engine no right to its last change").arg(m_connection),
                    because(*m_refused),
                    QStringLiteral(
                        "Give the engine's entity its rights back; a session keeps those it began with, so "
                        "start the engine again after that. Changes are tried again at %1.")
                        .arg(clockOf(m_refusedAtMs + kRefusedMs)));
        refused.retryable = false;  // nobody waits for a person
        return fail(refused);
    }
    if (m_unanswered) {
        return fail(blocked(
            QStringLiteral("the last change of %1 got no answer").arg(m_connection), because(*m_unanswered),
            QStringLiteral("The next renewal of the lease tells whether %1 takes changes again.")
                .arg(m_connection)));
    }
    return {};
}

}  // namespace sluice::systems::ceph
