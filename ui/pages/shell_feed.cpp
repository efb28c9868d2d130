#include "ui/pages/shell_feed.h"

#include "ui/models/columns.h"
#include "ui/models/freshness.h"
#include "ui/models/marks.h"
#include "ui/session/row.h"

namespace sluice::pages {

using session::facts;
using session::LinkState;
using session::obj;
using session::str;

ShellFeed::ShellFeed(session::Session& session, shell::ShellState& state, QObject* parent)
    : QObject(parent), m_session(session), m_state(state)
{
    connect(&session.client(), &session::EngineClient::linkChanged, this, &ShellFeed::refresh);
    for (session::LiveRows* rows :
         {&session.engine(), &session.estate(), &session.cases(), &session.gates(), &session.runs()}) {
        connect(rows, &session::LiveRows::changed, this, &ShellFeed::refresh);
    }
    connect(&session.ticker(), &session::Ticker::ticked, this, &ShellFeed::refresh);
    refresh();
}

void ShellFeed::refresh()
{
    const session::Link link = m_session.client().link();
    const QJsonObject engine = m_session.engineRow();
    QJsonObject profile = obj(engine, u"profile");
    if (profile.isEmpty()) {
        profile = link.profile;
    }
    shell::ShellValues values;
    values.profileName = str(profile, u"name");
    values.profileKind = profile.value(QLatin1String("production")).toBool() ? tr("production") : QString();
    values.profileColour = str(profile, u"colour");
    const QList<QJsonObject> open = m_session.openCases();
    values.openCases = static_cast<int>(open.size());
    values.openGates = static_cast<int>(m_session.gates().size());
    values.casesKnown = m_session.cases().isLoaded();
    values.casesDoubt = models::whyUncertain(m_session);
    values.caseId = open.isEmpty() ? QString() : str(open.constFirst(), u"id");
    values.connectors = connectors();
    // One that is older than it may be before one that is merely read less often.
    const auto overdue = [now = m_session.nowMs()](qint64 at, qint64 limit) {
        return at > 0 && now - at > limit;
    };
    for (const shell::ConnectorMark& mark : values.connectors) {
        const bool old = overdue(mark.oldestFactAtMs, mark.staleAfterMs);
        const bool wasOld = overdue(values.oldestFactAtMs, values.oldestFactStaleAfterMs);
        const bool older = values.oldestFactAtMs == 0 || mark.oldestFactAtMs < values.oldestFactAtMs;
        if (mark.oldestFactAtMs > 0 && ((old && !wasOld) || (old == wasOld && older))) {
            values.oldestFactAtMs = mark.oldestFactAtMs;
            values.oldestFactStaleAfterMs = mark.staleAfterMs;
        }
    }
    values.changes = changeLock();
    values.who = str(link.principal, u"name");
    values.role = str(link.principal, u"role");
    if (link.state == LinkState::Connecting) {
        values.engineTrouble = tr("Engine starts…");
    } else if (link.state == LinkState::Lost) {
        values.engineTrouble = tr("Engine not reachable since %1").arg(session::clockText(link.sinceMs));
    } else if (const QStringList files = m_session.filesInDoubt(); !files.isEmpty()) {
        values.engineTrouble = tr("%1 in doubt").arg(files.join(QStringLiteral(", ")));
    }
    m_state.set(values);
}

shell::ChangeLock ShellFeed::changeLock() const
{
    using Kind = shell::ChangeLock::Kind;
    const QString why = m_session.whyNoChanges();
    if (!why.isEmpty()) {
        const bool viewer = str(m_session.client().link().principal, u"role") == QLatin1String("viewer");
        return {.kind = viewer ? Kind::ReadOnly : Kind::Blocked,
                .text = viewer ? tr("Read only") : tr("No changes now"),
                .toolTip = why};
    }
    QStringList blocked, reasons;
    for (const QString& connection : m_session.connections()) {
        const QString reason = m_session.whyNoChanges(connection);
        if (!reason.isEmpty()) {
            blocked << connection;
            reasons << QStringLiteral("%1: %2").arg(connection, reason);
        }
    }
    if (!blocked.isEmpty()) {
        return {.kind = Kind::Blocked,
                .text = tr("%1: changes blocked").arg(blocked.join(QStringLiteral(", "))),
                .toolTip = reasons.join('\n')};
    }
    return {.kind = Kind::Allowed,
            .text = tr("Changes allowed"),
            .toolTip = tr("Every change shows its plan first and is written to the audit")};
}

QList<shell::ConnectorMark> ShellFeed::connectors() const
{
    QList<shell::ConnectorMark> marks;
    for (const QJsonObject& row : m_session.estateOf(QStringLiteral("connection"))) {
        const QJsonObject f = facts(row);
        const QJsonObject error = obj(f, u"error");
        marks.append({.name = str(row, u"connection"),
                      .state = models::connectionMark(row),
                      .oldestFactAtMs = models::oldestFactMs(row),
                      .staleAfterMs = models::staleAfterMs(row),
                      .toolTip = error.isEmpty() ? QString() : session::errorOf(error).toLine()});
    }
    return marks;
}

}  // namespace sluice::pages
