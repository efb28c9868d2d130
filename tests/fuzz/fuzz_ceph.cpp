#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "ceph/access_facts.h"
#include "ceph/lock_info.h"
#include "ceph/monmap.h"
#include "ceph/quorum.h"
#include "ceph/status_facts.h"
#include "ceph/storage_facts.h"
#include "fuzz_targets.h"
#include "promise.h"

namespace sluice::fuzz {
namespace {

using namespace sluice::ceph;

void judged(const QuorumEvidence& evidence)
{
    const QuorumView view = judgeQuorum(evidence);
    promise(view.total == evidence.monmap.size(), "every monitor is counted");
    promise(view.total == 0 || view.needed * 2 > view.total, "what is needed is a majority");
    promise(view.quorate || view.inQuorum.isEmpty(), "without a quorum nobody is in it");
    promise(view.total > 0 || !view.quorate, "no monitors, no quorum");
    promise(!view.why.isEmpty() || view.quorate, "a lost quorum says what the verdict rests on");
    const QList<Fact> facts =
        quorumFacts(QStringLiteral("vega"), evidence, view, QStringLiteral("2026-01-01T00:00:00Z"));
    promise(facts.size() == 1 + evidence.monmap.size(), "one fact of the quorum, and one a monitor");
}

}  // namespace

void cephJson(const QByteArray& input)
{
    const QJsonObject answer = QJsonDocument::fromJson(input).object();
    static_cast<void>(clusterFact(QStringLiteral("vega"), answer, hasMonQuorum(answer), {}));
    static_cast<void>(pgSummary(QStringLiteral("vega"), answer));
    for (const Fact& check : healthChecks(answer)) {
        promise(check.facts["detail"].toArray().size() <= 50, "no more than 50 lines of detail");
    }
    static_cast<void>(clusterVersion(answer));
    static_cast<void>(osdFacts(answer, answer));
    static_cast<void>(cephPoolFacts(answer, answer, 1));
    static_cast<void>(clusterFlags(answer));
    static_cast<void>(objectPg(QStringLiteral("train"), QStringLiteral("part-1"), answer, answer, answer));
    static_cast<void>(blocklistAddresses(input));
    static_cast<void>(clientSessions(QStringLiteral("a"), input));
    for (const Fact& entity : authEntities(answer)) {
        promise(!QJsonDocument(entity.facts).toJson().contains("\"key\""), "a key is no fact");
    }
    QuorumEvidence evidence{.monmap = monmapFromJson(answer["monmap"].toObject()), .quorumStatus = answer};
    judged(evidence);
    evidence.quorumStatus.reset();
    for (const MonEntry& mon : evidence.monmap) {
        evidence.answers.insert(mon.name, {.answers = true, .monStatus = answer});
    }
    judged(evidence);
    // What is kept has forgotten the ranks, and keeps from then on what it has.
    const QJsonArray kept = monmapToCache(evidence.monmap);
    promise(monmapToCache(monmapFromCache(kept)) == kept, "a kept monitor map is read as it was written");
}

void cephConf(const QByteArray& input)
{
    const Monmap monmap = monmapFromConf(QString::fromUtf8(input));
    for (const MonEntry& mon : monmap) {
        promise(!mon.name.isEmpty(), "a monitor has a name");
        for (const MonAddress& address : mon.addresses) {
            const auto again = MonAddress::fromText(address.toText());
            promise(again && *again == address, "an address is read as it was written");
        }
    }
    promise(monitorsNotIn(monmap, monmap).isEmpty() || monmap.first().addresses.isEmpty(),
            "what is known is not new");
}

void cephLock(const QByteArray& input)
{
    const auto lock = decodeLockInfo(QStringLiteral("compact"), input);
    if (!lock) {
        promise(lock.error().code == ErrorCode::DataLoss, "other bytes are called damaged");
        return;
    }
    for (const LockHolder& holder : lock->holders) {
        promise(holder.client.contains('.'), "a holder is named by type and number");
    }
    static_cast<void>(lockFact(QStringLiteral("train"), QStringLiteral("part-1"), *lock, 0, {}, {}, 0, 3));
}

}  // namespace sluice::fuzz
