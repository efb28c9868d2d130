#pragma once

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <functional>
#include <list>

#include "connect/connector.h"

namespace sluice::connect {

/// Puts what connectors observe into the estate: a small observation at once, a large one a bounded part per
/// turn of the main loop. The observations of a connection are taken in their order, and of a large one
/// nothing is missed before all of it is there. Of one that still waits for its turn, what a newer one of its
/// connection tells anew is left out.
/// @thread main loop only
class Intake final : public QObject {
    Q_OBJECT

public:
    /// So many entities are put in, or held against what is known, in one turn.
    static constexpr qsizetype kPerTurn = 1000;

    /// `estate` outlives it.
    explicit Intake(estate::Estate& estate, QObject* parent = nullptr);
    void take(const QString& connection, const Observation& observation);
    /// Calls `then` when all that waits of the connection now is in the estate; at once if nothing does. Of
    /// several that wait for the same only the last is called.
    void afterwards(const QString& connection, std::function<void()> then);
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
        std::function<void()> then{};
        bool begun{};
    };
    void turn();
    Waiting* lastOf(const QString& connection);
    /// Takes out of what has not begun all that `observation` makes old.
    /// @return what was to be called after an observation of which nothing is left
    std::function<void()> leaveOut(const QString& connection, const Observation& observation);
    /// @return nothing of it is left to be done
    bool goOn(Waiting& waiting);

    estate::Estate& m_estate;
    std::list<Waiting> m_waiting{};
    QTimer m_turn{};
};

}  // namespace sluice::connect
