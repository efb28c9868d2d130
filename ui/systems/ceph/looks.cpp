#include "ui/systems/ceph/looks.h"

#include <QtCore/QCoreApplication>

#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/session/row.h"

namespace sluice::systems::ceph {
namespace {

using session::str;
using shell::FindHit;

QString tr(const char* text)
{
    return QCoreApplication::translate("sluice::systems::ceph", text);
}

FindHit osdHit(session::Session& session, const QJsonObject& row)
{
    FindHit hit{.title = QStringLiteral("osd.%1").arg(str(row, u"name")),
                .state = models::osdMark(row, models::isStale(session, row))};
    hit.detail =
        tr("%1, %2, %3").arg(str(row, u"connection"), str(session::facts(row), u"host"), hit.state.word);
    return hit;
}

FindHit monHit(session::Session&, const QJsonObject& row)
{
    FindHit hit{.title = QStringLiteral("mon.%1").arg(str(row, u"name")), .state = models::monMark(row)};
    hit.detail = tr("%1, %2").arg(str(row, u"connection"), hit.state.word);
    return hit;
}

FindHit cephPoolHit(session::Session&, const QJsonObject& row)
{
    return {.title = str(row, u"name"),
            .detail = tr("Ceph pool on %1").arg(str(row, u"connection")),
            .icon = QStringLiteral("pool")};
}

}  // namespace

QList<pages::CardLook> cardLooks()
{
    const QString cluster = QStringLiteral("cluster");
    const QString host = QStringLiteral("host");
    return {{QStringLiteral("ceph-pool"), tr("Ceph pool"), QStringLiteral("pool")},
            {QStringLiteral("pg"), tr("Placement group"), cluster},
            {QStringLiteral("mon-quorum"), tr("Monitor quorum"), cluster},
            {QStringLiteral("mon"), tr("Monitors"), host},
            {QStringLiteral("osd"), tr("OSD"), host},
            {QStringLiteral("auth-entity"), tr("Rights"), QStringLiteral("key")}};
}

QList<pages::FoundKind> foundKinds()
{
    return {{QStringLiteral("osd"), osdHit},
            {QStringLiteral("mon"), monHit},
            {QStringLiteral("ceph-pool"), cephPoolHit}};
}

}  // namespace sluice::systems::ceph
