#include <QtCore/QSet>
#include <algorithm>

#include "systems/ceph/rules/rules.h"

namespace sluice::systems::ceph {
namespace {

constexpr int kMost = 20;

/// Which rules look into what an alert is about; empty if none does.
QStringList rulesFor(const QString& check)
{
    if (check == QLatin1String("MON_DOWN")) {
        return {QStringLiteral("R13")};
    }
    if (check.startsWith(QLatin1String("PG_")) || check == QLatin1String("OSD_DOWN") ||
        check == QLatin1String("OSD_HOST_DOWN") || check == QLatin1String("OSD_ROOT_DOWN")) {
        return {QStringLiteral("R5"), QStringLiteral("R3")};
    }
    if (check == QLatin1String("OSD_FULL")) {
        return {QStringLiteral("R9")};
    }
    if (check == QLatin1String("POOL_FULL")) {
        // Full by its quota or because its OSDs are.
        return {QStringLiteral("R10"), QStringLiteral("R9")};
    }
    if (check == QLatin1String("POOL_QUOTA_FULL") || check == QLatin1String("POOL_QUOTA_NEAR_FULL") ||
        check == QLatin1String("POOL_NEAR_FULL")) {
        return {QStringLiteral("R10")};
    }
    if (check == QLatin1String("SLOW_OPS")) {
        return {QStringLiteral("R2")};
    }
    if (check == QLatin1String("OSDMAP_FLAGS")) {
        return {QStringLiteral("R16")};
    }
    if (check == QLatin1String("AUTH_BAD_CAPS")) {
        return {QStringLiteral("R21")};
    }
    return {};
}

/// Alerts about how things are set up, which stop no reading or writing by themselves.
bool isPosture(const QString& check)
{
    static const QSet<QString> kExact{QStringLiteral("POOL_APP_NOT_ENABLED"),
                                      QStringLiteral("POOL_NO_REDUNDANCY"),
                                      QStringLiteral("POOL_TOO_FEW_PGS"),
                                      QStringLiteral("POOL_TOO_MANY_PGS"),
                                      QStringLiteral("POOL_PG_NUM_NOT_POWER_OF_TWO"),
                                      QStringLiteral("TOO_MANY_PGS"),
                                      QStringLiteral("TOO_FEW_PGS"),
                                      QStringLiteral("TOO_FEW_OSDS"),
                                      QStringLiteral("RECENT_CRASH"),
                                      QStringLiteral("RECENT_MGR_MODULE_CRASH"),
                                      QStringLiteral("TELEMETRY_CHANGED"),
                                      QStringLiteral("DAEMON_OLD_VERSION"),
                                      QStringLiteral("OSD_NEARFULL"),
                                      QStringLiteral("MON_DISK_LOW"),
                                      QStringLiteral("MON_MSGR2_NOT_ENABLED"),
                                      QStringLiteral("MGR_DOWN"),
                                      QStringLiteral("MGR_MODULE_ERROR"),
                                      QStringLiteral("MGR_MODULE_DEPENDENCY"),
                                      QStringLiteral("OBJECT_MISPLACED"),
                                      QStringLiteral("BLUESTORE_NO_PER_POOL_OMAP"),
                                      QStringLiteral("BLUESTORE_NO_PER_PG_OMAP"),
                                      QStringLiteral("BLUESTORE_LEGACY_STATFS")};
    return kExact.contains(check) || check.startsWith(QLatin1String("AUTH_INSECURE_")) ||
           check.startsWith(QLatin1String("CEPHADM_")) || check.startsWith(QLatin1String("OLD_CRUSH_"));
}

/// The strongest verdict that these rules gave for one cluster.
std::optional<Verdict> verdictOf(const QStringList& rules, const QString& connection,
                                 const QList<Finding>& others)
{
    std::optional<Verdict> verdict;
    for (const Finding& finding : others) {
        const bool here =
            std::any_of(finding.evidence.begin(), finding.evidence.end(),
                        [&](const Evidence& item) { return item.entity.startsWith(connection + '/'); });
        if (!rules.contains(finding.rule) || !here) {
            continue;
        }
        if (finding.verdict == Verdict::Confirmed || !verdict) {
            verdict = finding.verdict;
        } else if (*verdict == Verdict::Refuted) {
            verdict = finding.verdict;
        }
    }
    return verdict;
}

}  // namespace

QList<Finding> ruleUnrelatedAlerts(const CephScene& scene, const QList<Finding>& others)
{
    QList<Fact> alerts = scene.facts().ofKind({}, QStringLiteral("health-check"));
    std::sort(alerts.begin(), alerts.end(), [](const Fact& a, const Fact& b) { return a.id < b.id; });
    QList<Finding> findings;
    for (const Fact& alert : alerts) {
        const QString check = alert.facts["check"].toString(alert.name);
        const bool touched = scene.touches(alert.connection);
        Finding finding{.rule = QStringLiteral("R0"),
                        .title = QStringLiteral("%1: %2").arg(alert.connection, check),
                        .scope = touched ? Scope::Nearby : Scope::Elsewhere,
                        .evidence = {evidenceOf(alert, alert.facts["summary"].toString(check))},
                        .aside = true};
        if (!touched) {
            finding.verdict = Verdict::Refuted;
            finding.evidence.append(
                evidenceOf(alert, QStringLiteral("This task does not touch %1").arg(alert.connection),
                           QStringLiteral("flow")));
        } else if (!scene.fresh(alert)) {
            finding.evidence.append(evidenceOf(
                alert,
                QStringLiteral("Last read %1 ago, too old to judge by").arg(scene.age(alert.observedAtMs))));
        } else if (isPosture(check)) {
            finding.verdict = Verdict::Refuted;
            finding.evidence.append(
                evidenceOf(alert, QStringLiteral("This alert stops no reading or writing")));
        } else {
            const QStringList rules = rulesFor(check);
            const auto verdict = verdictOf(rules, alert.connection, others);
            const QString see = rules.join(QStringLiteral(" and "));
            if (verdict == Verdict::Confirmed) {
                continue;  // It is part of a named cause already.
            }
            if (verdict == Verdict::Refuted) {
                finding.verdict = Verdict::Refuted;
                finding.evidence.append(
                    evidenceOf(alert, QStringLiteral("It does not reach this task: see %1").arg(see)));
            } else {
                finding.evidence.append(evidenceOf(
                    alert,
                    rules.isEmpty()
                        ? QStringLiteral("No rule of this version looks into this alert")
                        : QStringLiteral("Whether it reaches this task is not known: see %1").arg(see)));
            }
        }
        findings.append(finding);
        if (findings.size() == kMost) {
            break;
        }
    }
    return findings;
}

}  // namespace sluice::systems::ceph
