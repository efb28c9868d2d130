#include "ui/systems/ceph/views.h"

#include <QtCore/QCoreApplication>

#include "ui/systems/ceph/cluster_view.h"
#include "ui/systems/ceph/gateway_view.h"
#include "ui/systems/ceph/looks.h"

namespace sluice::systems::ceph {

QList<pages::SystemView> views()
{
    return {{.type = QStringLiteral("ceph"),
             .what = QCoreApplication::translate("sluice::systems::ceph", "Ceph cluster"),
             .exampleConfig = QStringLiteral(
                 "connections: { vega: { type: ceph, conf: /etc/ceph/ceph.conf, entity: client.sluice } }"),
             .exampleFlow =
                 QStringLiteral("{ flow: first, tasks: { land: { move: { from: \"file:/data/landing\", to: "
                                "\"rados://vega/landing\" } } } }"),
             .make = [](const pages::PageContext& context,
                        QWidget* parent) { return new ClusterView(context, parent); },
             .cards = cardLooks(),
             .found = foundKinds()},
            {.type = QStringLiteral("s3"),
             .what = QCoreApplication::translate("sluice::systems::ceph", "gateway"),
             .make = [](const pages::PageContext& context, QWidget* parent) {
                 return new GatewayPanel(context, parent);
             }}};
}

}  // namespace sluice::systems::ceph
