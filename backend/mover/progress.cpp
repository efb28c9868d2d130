#include "mover/progress.h"

#include <QtCore/QStringList>
#include <algorithm>
#include <utility>

#include "model/object_name.h"
#include "mover/move_host.h"

namespace sluice::mover {
namespace {

constexpr int kInFlightShown = 32;
constexpr qint64 kBlockedEveryMs = 1000;
/// A lock that is gone again within that time is not worth a word.
constexpr qint64 kBlockedAfterMs = 200;
constexpr quint64 kSlowestBytesPerMs = 4000;

const char* nameOf(Hop hop)
{
    switch (hop) {
        case Hop::List:
            return "list";
        case Hop::Read:
            return "read";
        case Hop::Write:
            return "write";
        case Hop::Verify:
            return "verify";
        case Hop::Commit:
            return "commit";
    }
    return "";
}

}  // namespace

Progress::Progress(const Clock& clock) : m_clock(clock), m_idleSinceMs(clock.monotonicMs()) {}

void Progress::listed(qint64 objects, qint64 bytes)
{
    const std::lock_guard lock(m_mutex);
    m_listedObjects += objects;
    m_listedBytes += bytes;
    m_hops[static_cast<size_t>(Hop::List)].passed += objects;
    m_listedNews = m_news = true;
}

void Progress::listingDone()
{
    const std::lock_guard lock(m_mutex);
    m_listingDone = m_listedNews = true;
    m_idleSinceMs = m_clock.monotonicMs();
}

Progress::Id Progress::begin(const QString& name)
{
    const std::lock_guard lock(m_mutex);
    m_atWork += name.isEmpty() ? 0 : 1;
    m_active.emplace(m_nextId, Active{.name = name, .opSinceMs = m_clock.monotonicMs()});
    return m_nextId++;
}

void Progress::end(Id id)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end()) {
        clearBlockage(at->second);
        if (!at->second.name.isEmpty()) {
            --m_atWork;
            m_idleSinceMs = m_clock.monotonicMs();
        }
        m_active.erase(at);
    }
}

void Progress::op(Id id, const QString& op, const OpPlace& place)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end()) {
        if (at->second.waits) {
            clearBlockage(at->second);
        }
        at->second.op = op;
        at->second.place = place;
        at->second.opSinceMs = m_clock.monotonicMs();
    }
}

void Progress::moved(Id id, quint64 bytesOfObject)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end() && bytesOfObject > at->second.bytesMoved) {
        m_totals.bytes += static_cast<qint64>(bytesOfObject - at->second.bytesMoved);
        at->second.bytesMoved = bytesOfObject;
        m_news = true;
    }
}

void Progress::withdrawn(Id id)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end()) {
        m_totals.bytes -= static_cast<qint64>(std::exchange(at->second.bytesMoved, 0));
        m_news = true;
    }
}

void Progress::setAside(Id id)
{
    withdrawn(id);
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end()) {
        for (size_t hop = 0; hop < m_hops.size(); ++hop) {
            m_hops[hop].passed -= std::exchange(at->second.passed[hop], false) ? 1 : 0;
        }
    }
}

void Progress::measured(HopCount& count, qint64 microseconds)
{
    count.recent[count.measured % count.recent.size()] = static_cast<quint32>(microseconds);
    ++count.measured;
    m_news = true;
}

void Progress::passed(Id id, Hop hop, qint64 microseconds)
{
    const std::lock_guard lock(m_mutex);
    HopCount& count = m_hops[static_cast<size_t>(hop)];
    measured(count, microseconds);
    const auto at = m_active.find(id);
    if (at != m_active.end() && !std::exchange(at->second.passed[static_cast<size_t>(hop)], true)) {
        ++count.passed;
    }
}

void Progress::passed(Hop hop, qint64 microseconds, qint64 objects)
{
    const std::lock_guard lock(m_mutex);
    HopCount& count = m_hops[static_cast<size_t>(hop)];
    measured(count, microseconds);
    count.passed += objects;
}

void Progress::refused()
{
    const std::lock_guard lock(m_mutex);
    ++m_refused;
}

void Progress::committed(qint64 objects, qint64 kept, qint64 replaced)
{
    const std::lock_guard lock(m_mutex);
    m_totals.objects += objects;
    m_totals.kept += kept;
    m_totals.replaced += replaced;
    m_news = true;
}

void Progress::notDone()
{
    const std::lock_guard lock(m_mutex);
    ++m_totals.notDone;
    m_news = true;
}

void Progress::leftOut(const QString& what, qint64 count, const QString& example)
{
    const std::lock_guard lock(m_mutex);
    LeftOut& kind = m_leftOut[what];
    kind.count += count;
    if (kind.example.isEmpty()) {
        kind.example = example;
    }
    m_leftOutNews = true;
}

void Progress::mayLeaveOutMore(const QString& what, const QString& why)
{
    const std::lock_guard lock(m_mutex);
    m_leftOut[what].whyMore = why;
    m_leftOutNews = true;
}

QJsonArray Progress::leftOutJson() const
{
    QJsonArray json;
    for (const auto& [what, kind] : m_leftOut) {
        QJsonObject one{{"what", what}, {"count", kind.count}, {"example", model::nameOnWire(kind.example)}};
        if (!kind.whyMore.isEmpty()) {
            one["atLeast"] = true;
            one["why"] = kind.whyMore;
        }
        json.append(one);
    }
    return json;
}

QJsonArray Progress::leftOut() const
{
    const std::lock_guard lock(m_mutex);
    return leftOutJson();
}

qint64 Progress::listedObjects() const
{
    const std::lock_guard lock(m_mutex);
    return m_listedObjects;
}

void Progress::block(Id id, const Blockage& blockage, int tries)
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_active.find(id);
    if (at == m_active.end()) {
        return;
    }
    Active& active = at->second;
    if (!active.blockage || active.blockage->what != blockage.what || active.waits) {
        clearBlockage(active);
        active.blockedSinceMs = m_clock.monotonicMs();
    }
    active.blockage = blockage;
    active.waits = false;
    active.tries = tries;
}

void Progress::unblock(Id id)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_active.find(id); at != m_active.end()) {
        clearBlockage(at->second);
    }
}

void Progress::clearBlockage(Active& active)
{
    if (active.blockage && active.saidAtMs > 0) {
        m_unblocked.append(active.blockage->object);
    }
    active.blockage.reset();
    active.waits = false;
    active.saidAtMs = 0;
}

std::vector<Progress::Waiting> Progress::waitingLongerThan(qint64 ms) const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Waiting> waiting;
    for (const auto& [id, active] : m_active) {
        // What was in its way before says nothing about an operation that was begun since.
        if (!active.op.isEmpty() && m_clock.monotonicMs() - active.opSinceMs >=
                                        ms + static_cast<qint64>(active.place.bytes / kSlowestBytesPerMs)) {
            waiting.push_back({.id = id, .op = active.op, .place = active.place});
        }
    }
    return waiting;
}

void Progress::waitsFor(Id id, const Blockage& blockage)
{
    const std::lock_guard lock(m_mutex);
    const auto at = m_active.find(id);
    if (at == m_active.end() || at->second.op != blockage.op) {
        return;
    }
    if (!at->second.waits) {
        at->second.blockedSinceMs = at->second.opSinceMs;
        at->second.saidAtMs = 0;
    }
    at->second.blockage = blockage;
    at->second.waits = true;
    at->second.tries = 1;
}

Progress::Totals Progress::totals() const
{
    const std::lock_guard lock(m_mutex);
    return m_totals;
}

qint64 Progress::idleMs() const
{
    const std::lock_guard lock(m_mutex);
    return m_atWork > 0 ? 0 : m_clock.monotonicMs() - m_idleSinceMs;
}

QJsonObject Progress::hopJson(Hop hop) const
{
    const HopCount& count = m_hops[static_cast<size_t>(hop)];
    QJsonObject json{{"passed", count.passed}};
    const size_t known = std::min(count.measured, count.recent.size());
    if (hop != Hop::List && known > 0) {
        std::vector<quint32> values(count.recent.begin(),
                                    count.recent.begin() + static_cast<std::ptrdiff_t>(known));
        const auto at = values.begin() + static_cast<std::ptrdiff_t>((known - 1) * 99 / 100);
        std::nth_element(values.begin(), at, values.end());
        json["p99Us"] = static_cast<qint64>(*at);
    }
    if (hop == Hop::Write) {
        json["refused"] = m_refused;
    }
    return json;
}

QJsonObject Progress::progressJson() const
{
    const qint64 now = m_clock.monotonicMs();
    QJsonArray inFlight;
    for (const auto& [id, active] : m_active) {
        if (inFlight.size() == kInFlightShown) {
            break;
        }
        if (active.name.isEmpty()) {
            continue;  // the listing
        }
        inFlight.append(QJsonObject{{"name", model::nameOnWire(active.name)},
                                    {"op", active.op},
                                    {"sinceMs", now - active.opSinceMs}});
    }
    QJsonObject hops;
    for (const Hop hop : {Hop::List, Hop::Read, Hop::Write, Hop::Verify, Hop::Commit}) {
        hops[QLatin1String(nameOf(hop))] = hopJson(hop);
    }
    return {{"objectsDone", m_totals.objects}, {"bytesDone", m_totals.bytes}, {"objectsKept", m_totals.kept},
            {"objectsNot", m_totals.notDone},  {"inFlight", inFlight},        {"hops", hops}};
}

/// Of hundreds that are blocked alike one is told, the same as long as it is: whoever reads it can look at
/// it.
std::vector<Progress::Active*> Progress::blockedLongest(qint64 now)
{
    std::map<Obstacle, Active*> longest;
    for (auto& [id, active] : m_active) {
        if (!active.blockage || now - active.blockedSinceMs < kBlockedAfterMs) {
            continue;
        }
        const auto [at, first] = longest.try_emplace(active.blockage->what, &active);
        if (!first && active.blockedSinceMs < at->second->blockedSinceMs) {
            at->second = &active;
        }
    }
    std::vector<Active*> told;
    for (const auto& [what, active] : longest) {
        told.push_back(active);
    }
    return told;
}

QJsonObject Progress::blockedJson(const Active& active, qint64 now) const
{
    QJsonObject json = active.blockage->toJson();
    json["tries"] = active.tries;
    json["sinceMs"] = now - active.blockedSinceMs;
    return json;
}

void Progress::report(MoveHost& host)
{
    std::vector<std::pair<QString, QJsonObject>> events;
    {
        const std::lock_guard lock(m_mutex);
        const qint64 now = m_clock.monotonicMs();
        if (m_listedNews) {
            m_listedNews = false;
            events.emplace_back(QStringLiteral("listed"), QJsonObject{{"objects", m_listedObjects},
                                                                      {"bytes", m_listedBytes},
                                                                      {"complete", m_listingDone}});
        }
        if (m_leftOutNews) {
            m_leftOutNews = false;
            events.emplace_back(QStringLiteral("leftOut"), QJsonObject{{"kinds", leftOutJson()}});
        }
        if (m_news) {
            m_news = false;
            events.emplace_back(QStringLiteral("progress"), progressJson());
        }
        const std::vector<Active*> told = blockedLongest(now);
        if (!told.empty() && !m_unblocked.isEmpty()) {
            // one of many: what else blocks is told instead
            told.front()->saidAtMs = 0;
            m_unblocked.clear();
        }
        for (const QString& object : m_unblocked) {
            events.emplace_back(QStringLiteral("unblocked"),
                                QJsonObject{{"object", model::nameOnWire(object)}});
        }
        m_unblocked.clear();
        for (Active* active : told) {
            if (active->saidAtMs == 0 || now - active->saidAtMs >= kBlockedEveryMs) {
                active->saidAtMs = now;
                events.emplace_back(QStringLiteral("blocked"), blockedJson(*active, now));
            }
        }
    }
    for (const auto& [name, params] : events) {
        host.event(name, params);
    }
}

}  // namespace sluice::mover
