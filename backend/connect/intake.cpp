#include "connect/intake.h"

#include <algorithm>
#include <utility>

namespace sluice::connect {

Intake::Intake(estate::Estate& estate, QObject* parent) : QObject(parent), m_estate(estate)
{
    connect(&m_turn, &QTimer::timeout, this, &Intake::turn);
}

void Intake::take(const QString& connection, const Observation& observation)
{
    std::function<void()> then = lastOf(connection) ? leaveOut(connection, observation) : nullptr;
    const bool small =
        observation.entities.size() <= kPerTurn &&
        std::all_of(observation.complete.begin(), observation.complete.end(),
                    [&](const QString& kind) { return m_estate.count(connection, kind) <= kPerTurn; });
    if (small && !lastOf(connection)) {
        m_estate.apply(connection, observation.entities, observation.complete);
        if (then) {
            then();
        }
        return;
    }
    m_waiting.push_back({.connection = connection,
                         .entities = observation.entities,
                         .complete = observation.complete,
                         .then = std::move(then)});
    m_turn.start(0);
}

void Intake::afterwards(const QString& connection, std::function<void()> then)
{
    if (Waiting* last = lastOf(connection)) {
        last->then = std::move(then);
    } else {
        then();
    }
}

Intake::Waiting* Intake::lastOf(const QString& connection)
{
    const auto last = std::find_if(m_waiting.rbegin(), m_waiting.rend(), [&connection](const Waiting& one) {
        return one.connection == connection;
    });
    return last == m_waiting.rend() ? nullptr : &*last;
}

std::function<void()> Intake::leaveOut(const QString& connection, const Observation& observation)
{
    const auto listed = [&observation](const QString& kind) { return observation.complete.contains(kind); };
    QSet<QString> ids;
    for (const estate::Entity& entity : observation.entities) {
        if (!listed(entity.kind)) {
            ids.insert(entity.id);
        }
    }
    std::function<void()> then;
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        if (it->begun || it->connection != connection) {
            ++it;
            continue;
        }
        it->entities.removeIf(
            [&](const estate::Entity& entity) { return listed(entity.kind) || ids.contains(entity.id); });
        it->complete.removeIf(listed);
        if (!it->entities.isEmpty() || !it->complete.isEmpty()) {
            ++it;
            continue;
        }
        if (it->then) {
            then = std::move(it->then);
        }
        it = m_waiting.erase(it);
    }
    return then;
}

void Intake::turn()
{
    // What waited may have been left out for something newer.
    if (m_waiting.empty()) {
        m_turn.stop();
        return;
    }
    m_waiting.front().begun = true;
    if (goOn(m_waiting.front())) {
        const std::function<void()> then = std::move(m_waiting.front().then);
        m_waiting.pop_front();
        if (then) {
            then();
        }
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
