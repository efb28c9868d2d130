#pragma once

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <deque>

#include "connect/connector.h"

namespace sluice::connect {

/// Puts what connectors observe into the estate: a small observation at once, a large one a bounded part per
/// turn of the main loop. The observations of a connection are taken in their order, and of a large one
/// nothing is missed before all of it is there.
/// @thread main loop only
class Intake final : public QObject {
    Q_OBJECT

public:
    /// So many entities are put in, or held against what is known, in one turn.
    static constexpr qsizetype kPerTurn = 1000;

    /// `estate` outlives it.
    explicit Intake(estate::Estate& estate, QObject* parent = nullptr);
    void take(const QString& connection, const Observation& observation);
    bool isIdle() const { return m_waiting.empty(); }

private:
    struct Waiting {
        QString connection{};
        QList<estate::Entity> entities{};
        QStringList complete{};
        qsizetype next{};
        QSet<QString> seen{};
        QString lookedAt{};
        QStringList gone{};
    };
    void turn();
    /// @return nothing of it is left to be done
    bool goOn(Waiting& waiting);

    estate::Estate& m_estate;
    std::deque<Waiting> m_waiting{};
    QTimer m_turn{};
};

}  // namespace sluice::connect
