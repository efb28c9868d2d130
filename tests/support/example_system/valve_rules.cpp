#include "tests/support/example_system/valve_rules.h"

namespace sluice::example {
namespace {

using diagnosis::Fact;
using diagnosis::FactSource;
using diagnosis::Finding;
using diagnosis::Probe;
using diagnosis::Scene;
using diagnosis::TaskView;
using diagnosis::Touched;
using diagnosis::Verdict;

const QString kRead = QStringLiteral("valve.read");

QList<Touched> valvesOf(const TaskView& task)
{
    QList<Touched> valves;
    for (const Touched& touched : task.touched) {
        if (touched.kind == QLatin1String("valve")) {
            valves.append(touched);
        }
    }
    return valves;
}

QList<Probe> ask(const TaskView& task, const FactSource&)
{
    QList<Probe> probes;
    for (const Touched& valve : valvesOf(task)) {
        probes.append({.method = kRead, .connection = valve.connection, .params = {{"valve", valve.name}}});
    }
    return probes;
}

QList<Fact> factsOf(const Probe& probe, const QJsonObject& reply)
{
    return {Fact{.connection = probe.connection,
                 .kind = QStringLiteral("valve-read"),
                 .name = probe.params["valve"].toString(),
                 .facts = reply}};
}

QList<Finding> judge(const Scene& scene, const QList<Finding>&)
{
    QList<Finding> findings;
    for (const Touched& valve : valvesOf(scene.task())) {
        Finding finding{.rule = QStringLiteral("W1"),
                        .title = QStringLiteral("Valve %1 is stuck").arg(valve.name)};
        const QString id = diagnosis::idOf(valve.connection, QStringLiteral("valve-read"), valve.name);
        const auto fact = scene.freshFact(id);
        if (!fact) {
            finding.evidence.append(scene.missing(id, QStringLiteral("the valve"), valve.connection, kRead));
        } else {
            const bool open = fact->facts["open"].toBool();
            finding.verdict = open ? Verdict::Refuted : Verdict::Confirmed;
            finding.evidence.append(
                diagnosis::evidenceOf(*fact, open ? QStringLiteral("it is open")
                                                  : QStringLiteral("it was told to open and is shut")));
        }
        if (finding.verdict == Verdict::Confirmed) {
            finding.correction = QStringLiteral("Free the valve by hand, then reset the run.");
            finding.remedy =
                diagnosis::Remedy{.method = QStringLiteral("flow.reset"),
                                  .params = {{"run", scene.task().run}},
                                  .title = QStringLiteral("Reset the run"),
                                  .actionClass = 2,
                                  .steps = {QStringLiteral("Free valve %1 by hand").arg(valve.name),
                                            QStringLiteral("Reset the run")}};
        }
        findings.append(finding);
    }
    return findings;
}

}  // namespace

diagnosis::RulePart rules()
{
    return {.rules = {{.ids = {QStringLiteral("W1")},
                       .applies = [](const TaskView& task) { return !valvesOf(task).isEmpty(); },
                       .probes = {kRead},
                       .judge = judge}},
            .probes = {{.method = kRead, .ask = ask, .facts = factsOf}}};
}

}  // namespace sluice::example
