#include "connect/connector.h"

#include "diagnosis/fact_source.h"

namespace sluice::connect {
namespace {

QJsonObject word(const QString& word, const QString& why)
{
    return {{"word", word}, {"why", why}};
}

Error onlyWatched(const QString& connection, ErrorCode code)
{
    return Error{.code = code,
                 .message = QStringLiteral("Nothing can be asked of connection '%1'").arg(connection),
                 .cause = QStringLiteral("systems of its type are only watched"),
                 .correction = QStringLiteral("See the connections with: sluicectl estate."),
                 .source = connection};
}

}  // namespace

Connector::Connector(QString connection, QObject* parent)
    : QObject(parent), m_connection(std::move(connection))
{
}

Connector::~Connector() = default;

void Connector::call(const QString&, const QJsonObject&, int, bool, Link::Reply reply)
{
    reply(fail(onlyWatched(m_connection, ErrorCode::NotFound)));
}

Result<void> Connector::mayAct() const
{
    return fail(onlyWatched(m_connection, ErrorCode::FailedPrecondition));
}

QJsonObject Connector::healthWords(const diagnosis::FactSource& facts, qint64 nowMs) const
{
    const auto row = facts.fact(estate::entityId(m_connection, QStringLiteral("connection"), m_connection));
    const bool fresh = row && diagnosis::isFresh(row->observedAtMs, nowMs);
    const QString state = row ? row->facts["state"].toString() : QString();
    const QString why =
        row ? row->facts["error"].toObject()["message"].toString() : QStringLiteral("never asked");
    const QJsonObject single = word(QStringLiteral("single"), QStringLiteral("one instance by design"));
    const QJsonObject unknown = word(QStringLiteral("unknown"), QStringLiteral("no fresh answer"));
    if (!fresh || state == QLatin1String("starting")) {
        QJsonObject posture = unknown;
        posture["count"] = 0;
        return {{"availability", unknown}, {"redundancy", single}, {"posture", posture}};
    }
    const bool well = state == QLatin1String("up");
    const bool partly = state == QLatin1String("degraded");
    QJsonObject posture = well     ? word(QStringLiteral("in order"), {})
                          : partly ? word(QStringLiteral("to fix"), why)
                                   : word(QStringLiteral("urgent"), why);
    posture["count"] = well ? 0 : 1;
    return {{"availability", well     ? word(QStringLiteral("available"), QStringLiteral("it answers"))
                             : partly ? word(QStringLiteral("partly"), why)
                                      : word(QStringLiteral("unavailable"), why)},
            {"redundancy", single},
            {"posture", posture}};
}

}  // namespace sluice::connect
