#pragma once

#include <QtCore/QThread>

#include "connect/connector.h"
#include "core/clock.h"

namespace sluice::luigi {
class LuigiConnector;
}

namespace sluice::systems::luigi {

class LuigiSettings;

/// One luigid, read in a thread of its own so that a large answer is parsed there.
/// @thread main loop only
class LuigidConnector final : public connect::Connector {
    Q_OBJECT

public:
    LuigidConnector(QString connection, const LuigiSettings& settings, const Clock& clock,
                    QObject* parent = nullptr);
    ~LuigidConnector() override;
    void start() override;
    void stop() override { Q_EMIT stopped(); }
    connect::Status status() const override;

private:
    void take(const QList<QJsonObject>& rows, const QStringList& complete);

    QThread m_thread{};
    sluice::luigi::LuigiConnector* m_reader{};
    estate::Entity m_row{};
};

}  // namespace sluice::systems::luigi
