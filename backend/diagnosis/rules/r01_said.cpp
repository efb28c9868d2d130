#include <algorithm>

#include "diagnosis/general_rules.h"

namespace sluice::diagnosis {
namespace {

Finding nobodyKnows(const Scene& scene, const Evidence& said)
{
    const Error& error = scene.blocked().error;
    Finding finding{.rule = kReported,
                    .title = error.message.isEmpty()
                                 ? QStringLiteral("What %1 waits for").arg(scene.task().task)
                                 : error.message,
                    .scope = Scope::Object,
                    .evidence = {said},
                    .correction = error.correction};
    if (!error.cause.isEmpty()) {
        finding.evidence.append({.text = error.cause,
                                 .source = said.source,
                                 .entity = said.entity,
                                 .observedAtMs = said.observedAtMs});
    }
    return finding;
}

}  // namespace

void tellWhatWasSaid(const Scene& scene, QList<Finding>& findings)
{
    const Blocked& blocked = scene.blocked();
    if (!blocked.any() || blocked.what == QLatin1String("failed")) {
        return;
    }
    const Evidence said = scene.report();
    Finding* nearest = nullptr;
    for (Finding& finding : findings) {
        if (finding.verdict == Verdict::Confirmed && (!nearest || finding.scope < nearest->scope)) {
            nearest = &finding;
        }
    }
    if (!nearest) {
        findings.append(nobodyKnows(scene, said));
        return;
    }
    const bool told = std::any_of(nearest->evidence.begin(), nearest->evidence.end(),
                                  [&said](const Evidence& item) { return item.text == said.text; });
    if (!told) {
        nearest->evidence.append(said);
    }
}

}  // namespace sluice::diagnosis
