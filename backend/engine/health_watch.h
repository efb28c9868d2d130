#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "connect/connectors.h"
#include "core/clock.h"
#include "engine/estate_facts.h"

namespace sluice::engine {

/// Keeps the three health words of every connection (kind `health`) in step with the facts and their age.
/// @thread main loop only
class HealthWatch final : public QObject {
    Q_OBJECT

public:
    HealthWatch(const connect::Connectors& connectors, estate::Estate& estate, const Clock& clock,
                QObject* parent = nullptr);
    void start();

private:
    void look();

    std::vector<const connect::Connector*> m_connectors;
    estate::Estate& m_estate;
    EstateFacts m_facts;
    const Clock& m_clock;
    QTimer m_timer{};
    QTimer m_soon{};
};

}  // namespace sluice::engine
