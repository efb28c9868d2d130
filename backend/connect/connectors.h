#pragma once

#include <QtCore/QObject>
#include <map>
#include <memory>
#include <vector>

#include "connect/connector.h"
#include "connect/intake.h"
#include "connect/link.h"
#include "core/clock.h"

namespace sluice::connect {

/// All connectors of an engine: what they observe goes into the estate, each gets its row `connection` there,
/// and calls find them by name.
/// @thread main loop only
class Connectors final : public QObject, public Link {
    Q_OBJECT

public:
    Connectors(std::vector<std::unique_ptr<Connector>> connectors, estate::Estate& estate, const Clock& clock,
               QObject* parent = nullptr);
    ~Connectors() override;

    /// Blocking; at start only. The estate is loaded; what it has of connections that are not configured
    /// goes.
    Result<void> load();
    void start();
    /// stopped() comes when the last has stopped.
    void stop();

    void call(const QString& connection, const QString& method, const QJsonObject& params, int deadlineMs,
              bool mutating, Reply reply) override;
    Result<void> mayAct(const QString& connection) const override;
    Result<void> isLeader(const QString& connection) const override;

    /// In the order of their names.
    std::vector<const Connector*> all() const;
    QSet<QString> names() const;

Q_SIGNALS:
    void stopped();

private:
    Connector* find(const QString& connection) const;
    void take(const Connector& connector, const Observation& observation);
    void show(const Connector& connector);
    void put(const QString& name, Status status);

    std::map<QString, std::unique_ptr<Connector>> m_connectors;
    estate::Estate& m_estate;
    Intake m_intake;
    const Clock& m_clock;
};

}  // namespace sluice::connect
