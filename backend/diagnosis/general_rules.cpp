#include "diagnosis/general_rules.h"

#include "diagnosis/rule.h"

namespace sluice::diagnosis {
namespace {

QList<ChainLink> reportCard(const Scene&, const Finding& cause)
{
    return {plainCard(QStringLiteral("report"), QStringLiteral("crit"), cause)};
}

auto judgedBy(QList<Finding> (*rule)(const Scene&))
{
    return [rule](const Scene& scene, const QList<Finding>&) { return rule(scene); };
}

}  // namespace

RulePart generalRules()
{
    return {
        .rules = {{.ids = {kReported},
                   .judge = judgedBy(ruleReported),
                   .revise = tellWhatWasSaid,
                   .chain = reportCard},
                  {.ids = {QStringLiteral("R61")}, .judge = judgedBy(ruleStoppedWorker), .chain = reportCard},
                  {.ids = {QStringLiteral("R62")}, .judge = judgedBy(ruleFileSystem), .chain = reportCard}}};
}

}  // namespace sluice::diagnosis
