#include "ui/models/freshness.h"

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/texts.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::models {
namespace {

using session::facts;
using session::LinkState;
using session::str;
using session::time;

/// For connections that do not say how old their facts may get.
constexpr qint64 kUsualStaleAfterMs = 15'000;

QString whyUncertain(const session::Session& session, const QJsonObject& connection)
{
    const QString name = str(connection, u"connection");
    if (str(facts(connection), u"state") != QLatin1String("up")) {
        return tr("%1 is %2").arg(name, connectionMark(connection).word);
    }
    const qint64 oldest = oldestFactMs(connection);
    if (oldest <= 0) {
        return tr("nothing is known of %1 yet").arg(name);
    }
    const qint64 age = session.nowMs() - oldest;
    return age > staleAfterMs(connection)
               ? tr("the oldest fact of %1 is %2 old").arg(name, formatDuration(age))
               : QString();
}

}  // namespace

qint64 oldestFactMs(const QJsonObject& connectionRow)
{
    const qint64 oldest = time(facts(connectionRow), u"oldestFactAt");
    return oldest > 0 ? oldest : time(facts(connectionRow), u"lastContactAt");
}

qint64 staleAfterMs(const QJsonObject& connectionRow)
{
    const QJsonObject f = facts(connectionRow);
    const qint64 ofOldest = session::num(f, u"oldestFactStaleAfterMs");
    const qint64 said = ofOldest > 0 ? ofOldest : session::num(f, u"staleAfterMs");
    return said > 0 ? said : kUsualStaleAfterMs;
}

qint64 factStaleAfterMs(const session::Session& session, const QJsonObject& row)
{
    if (const qint64 own = session::num(row, u"staleAfterMs"); own > 0) {
        return own;
    }
    const QJsonObject connection = session.estateRow(str(row, u"connection"), QStringLiteral("connection"));
    const qint64 said = session::num(facts(connection), u"staleAfterMs");
    return said > 0 ? said : kUsualStaleAfterMs;
}

QString whyUncertain(session::Session& session)
{
    const session::Link link = session.client().link();
    if (link.state != LinkState::Connected) {
        return link.state == LinkState::Connecting ? tr("the engine does not answer yet")
                                                   : tr("the engine has not been reachable since %1 UTC")
                                                         .arg(session::clockText(link.sinceMs));
    }
    for (const session::LiveRows* rows :
         {&session.cases(), &session.gates(), &session.runs(), &session.estate()}) {
        if (!rows->isLoaded()) {
            return tr("not everything has been read yet");
        }
    }
    for (const QJsonObject& connection : session.estateOf(QStringLiteral("connection"))) {
        const QString why = whyUncertain(session, connection);
        if (!why.isEmpty()) {
            return why;
        }
    }
    return {};
}

}  // namespace sluice::models
