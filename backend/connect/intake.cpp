#include "connect/intake.h"

#include <algorithm>

namespace sluice::connect {

Intake::Intake(estate::Estate& estate, QObject* parent) : QObject(parent), m_estate(estate)
{
    connect(&m_turn, &QTimer::timeout, this, &Intake::turn);
}

void Intake::take(const QString& connection, const Observation& observation)
{
    const bool first = std::none_of(m_waiting.begin(), m_waiting.end(), [&connection](const Waiting& one) {
        return one.connection == connection;
    });
    const bool small =
        observation.entities.size() <= kPerTurn &&
        std::all_of(observation.complete.begin(), observation.complete.end(),
                    [&](const QString& kind) { return m_estate.count(connection, kind) <= kPerTurn; });
    if (first && small) {
        m_estate.apply(connection, observation.entities, observation.complete);
        return;
    }
    m_waiting.push_back(
        {.connection = connection, .entities = observation.entities, .complete = observation.complete});
    m_turn.start(0);
}

void Intake::turn()
{
    if (goOn(m_waiting.front())) {
        m_waiting.pop_front();
    }
    if (m_waiting.empty()) {
        m_turn.stop();
    }
}

bool Intake::goOn(Waiting& waiting)
{
    if (waiting.next < waiting.entities.size()) {
        const QList<estate::Entity> slice = waiting.entities.mid(waiting.next, kPerTurn);
        waiting.next += slice.size();
        for (const estate::Entity& entity : slice) {
            waiting.seen.insert(entity.id);
        }
        m_estate.apply(waiting.connection, slice, {});
    } else if (!waiting.complete.isEmpty()) {
        const QStringList known =
            m_estate.idsAfter(waiting.connection, waiting.complete.first(), waiting.lookedAt, kPerTurn);
        for (const QString& id : known) {
            if (!waiting.seen.contains(id)) {
                waiting.gone.append(id);
            }
        }
        waiting.lookedAt = known.isEmpty() ? QString() : known.last();
        if (known.size() < kPerTurn) {
            waiting.complete.removeFirst();
            waiting.lookedAt.clear();
        }
    } else if (!waiting.gone.isEmpty()) {
        m_estate.drop(waiting.gone.mid(0, kPerTurn));
        waiting.gone = waiting.gone.mid(kPerTurn);
    }
    return waiting.next >= waiting.entities.size() && waiting.complete.isEmpty() && waiting.gone.isEmpty();
}

}  // namespace sluice::connect
