#include "systems/luigi/luigi_rules.h"

#include "systems/luigi/luigi_kind.h"
#include "systems/luigi/luigid_view.h"

namespace sluice::systems::luigi {
namespace {

using diagnosis::Standing;

/// A single question may be late.
constexpr qint64 kLateMs = 10'000;

bool isLuigis(const diagnosis::TaskView& task)
{
    return task.kind == kLuigiKind;
}

QList<Standing> daemonsStanding(const Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& luigid : scene.facts().ofKind({}, QStringLiteral("connection"))) {
        if (luigid.facts["type"] == QLatin1String("luigi")) {
            told.append(
                {.finding = isPaused(scene, luigid) ? pausedLuigid(luigid) : silentLuigid(scene, luigid),
                 .afterMs = kLateMs});
        }
    }
    // One that has nothing to do holds up nobody.
    for (const Fact& worker : scene.facts().ofKind({}, QStringLiteral("luigi-worker"))) {
        if (worker.facts["pending"].toInt() > 0 || worker.facts["running"].toInt() > 0) {
            told.append({.finding = disabledWorker(scene, worker), .afterMs = kLateMs});
        }
    }
    return told;
}

}  // namespace

diagnosis::RulePart rules()
{
    return {.rules = {{.ids = {QStringLiteral("R57"), QStringLiteral("R55")},
                       .version = 2,
                       .applies = isLuigis,
                       .judge = whatLuigidHolds,
                       .standing = daemonsStanding},
                      {.ids = {QStringLiteral("R56")}, .applies = isLuigis, .judge = whatIsDisabled},
                      {.ids = {QStringLiteral("R64")}, .applies = isLuigis, .judge = whatHangs}}};
}

}  // namespace sluice::systems::luigi
