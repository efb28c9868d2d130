#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "core/clock.h"
#include "mover/blockage.h"

namespace sluice::mover {

class MoveHost;

enum class Hop { List, Read, Write, Verify, Commit };

/// Where an operation waits for an answer; enough to say what it waits for if none comes.
struct OpPlace {
    QString connection{};
    QString cephPool{};
    /// The whole name there.
    QString object{};
    /// That move in the operation, for which it may take its time: 4 MB a second are not yet too slow.
    quint64 bytes{};
};

/// Counts and latencies of a move, and what each object at work is doing; says so to the host.
/// @thread any
class Progress {
public:
    using Id = quint64;

    explicit Progress(const Clock& clock);

    void listed(qint64 objects, qint64 bytes);
    void listingDone();

    Id begin(const QString& name);
    void end(Id id);
    /// An operation starts; an empty one ends it.
    void op(Id id, const QString& op, const OpPlace& place);
    /// So many bytes of the object are through; never counts a byte of an object twice.
    void moved(Id id, quint64 bytesOfObject);
    /// The object came to its end without being there: none of its bytes count.
    void withdrawn(Id id);
    /// The object is begun anew later: nothing that it has done counts.
    void setAside(Id id);
    /// One operation of that object at that hop is through; the object counts as passed once, whatever it
    /// takes.
    void passed(Id id, Hop hop, qint64 microseconds);
    /// So many objects at once.
    void passed(Hop hop, qint64 microseconds, qint64 objects = 1);
    void refused();
    void committed(qint64 objects, qint64 kept, qint64 replaced);
    /// An object came to its end without being there.
    void notDone();
    /// Something a source has cannot be carried along: `what` names its kind, `example` one place where it
    /// lies.
    void leftOut(const QString& what, qint64 count, const QString& example);
    /// More of that kind may be left out than is counted, or some where none is.
    void mayLeaveOutMore(const QString& what, const QString& why);

    void block(Id id, const Blockage& blockage, int tries);
    void unblock(Id id);

    /// An operation that takes longer than it should.
    struct Waiting {
        Id id{};
        QString op{};
        OpPlace place{};
    };
    std::vector<Waiting> waitingLongerThan(qint64 ms) const;
    /// Why an operation has no answer yet; forgotten when the operation ends.
    void waitsFor(Id id, const Blockage& blockage);

    struct Totals {
        qint64 objects{};
        qint64 bytes{};
        qint64 kept{};
        qint64 replaced{};
        qint64 notDone{};
    };
    Totals totals() const;
    /// Since when no object is at work; 0 while one is.
    qint64 idleMs() const;
    qint64 listedObjects() const;
    /// Shape: [{what, count, example, and only if the count is a lower bound: atLeast: true, why}], by
    /// `what`.
    QJsonArray leftOut() const;

    /// Emits `listed`, `progress`, `blocked` and `unblocked` as far as there is something to say. Call it
    /// every 250 ms from one thread.
    void report(MoveHost& host);

private:
    struct Active {
        QString name{};
        QString op{};
        OpPlace place{};
        qint64 opSinceMs{};
        quint64 bytesMoved{};
        std::array<bool, 5> passed{};
        std::optional<Blockage> blockage{};
        bool waits{false};
        int tries{};
        qint64 blockedSinceMs{};
        qint64 saidAtMs{};
    };
    struct HopCount {
        qint64 passed{};
        size_t measured{};
        std::array<quint32, 512> recent{};
    };
    void measured(HopCount& count, qint64 microseconds);
    void clearBlockage(Active& active);
    QJsonObject progressJson() const;
    QJsonObject hopJson(Hop hop) const;
    /// For each sort of obstacle one object.
    std::vector<Active*> blockedLongest(qint64 now);
    QJsonObject blockedJson(const Active& active, qint64 now) const;

    const Clock& m_clock;
    mutable std::mutex m_mutex{};
    std::map<Id, Active> m_active{};
    Id m_nextId{1};
    int m_atWork{0};
    qint64 m_idleSinceMs{0};
    std::array<HopCount, 5> m_hops{};
    qint64 m_refused{0};
    qint64 m_listedObjects{0};
    qint64 m_listedBytes{0};
    bool m_listingDone{false};
    bool m_listedNews{false};
    Totals m_totals{};
    bool m_news{false};
    struct LeftOut {
        qint64 count{};
        QString example{};
        QString whyMore{};
    };
    QJsonArray leftOutJson() const;
    std::map<QString, LeftOut> m_leftOut{};
    bool m_leftOutNews{false};
    QStringList m_unblocked{};
};

}  // namespace sluice::mover
