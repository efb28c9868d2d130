#include "systems/luigi/luigi_rules.h"

#include "core/error.h"

namespace sluice::systems::luigi {
namespace {

using diagnosis::Fact;
using diagnosis::Standing;
using diagnosis::Verdict;

/// A single question may be late.
constexpr qint64 kLateMs = 10'000;

QList<Standing> daemonsStanding(const diagnosis::Scene& scene, const QList<Standing>&)
{
    QList<Standing> told;
    for (const Fact& luigid : scene.facts().ofKind({}, QStringLiteral("connection"))) {
        if (luigid.facts["type"] != QLatin1String("luigi")) {
            continue;
        }
        Standing one{.finding = {.rule = QStringLiteral("R57"),
                                 .title = QStringLiteral("No answer from luigid %1").arg(luigid.name),
                                 .scope = diagnosis::Scope::System,
                                 .broken = {luigid.id}},
                     .afterMs = kLateMs};
        const QString state = luigid.facts["state"].toString();
        const Error error = Error::fromJson(luigid.facts["error"].toObject());
        // One that answers with something else, e.g. too much, is not mended by a new start.
        const bool silent = state == QLatin1String("down") && (error.code == ErrorCode::Unavailable ||
                                                               error.code == ErrorCode::DeadlineExceeded);
        if (scene.fresh(luigid) && state == QLatin1String("up")) {
            one.finding.verdict = Verdict::Refuted;
            one.finding.evidence = {
                diagnosis::evidenceOf(luigid, QStringLiteral("luigid %1 answers").arg(luigid.name))};
        } else if (scene.fresh(luigid) && silent) {
            one.finding.verdict = Verdict::Confirmed;
            one.finding.evidence = {
                diagnosis::evidenceOf(luigid, QStringLiteral("%1 gives no answer: %2")
                                                  .arg(luigid.facts["url"].toString(), error.toLine()))};
            one.finding.correction = QStringLiteral(
                "Start luigid, or see why it cannot be reached. No Luigi task is let in until then; workers "
                "that "
                "run try again by themselves.");
            one.finding.remedy =
                diagnosis::Remedy{.title = QStringLiteral("Start luigid %1").arg(luigid.name),
                                  .actionClass = 1,
                                  .steps = {QStringLiteral("On the host of %1: systemctl restart luigid")
                                                .arg(luigid.facts["url"].toString()),
                                            QStringLiteral("Check that luigid answers")},
                                  .commands = {QStringLiteral("systemctl restart luigid")}};
        }
        told.append(one);
    }
    return told;
}

}  // namespace

diagnosis::RulePart rules()
{
    return {.rules = {{.ids = {QStringLiteral("R57")},
                       .applies = [](const diagnosis::TaskView&) { return false; },
                       .standing = daemonsStanding}}};
}

}  // namespace sluice::systems::luigi
