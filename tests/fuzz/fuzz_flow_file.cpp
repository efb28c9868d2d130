#include "flow/flow_file.h"
#include "fuzz_targets.h"
#include "promise.h"
#include "tests/support/task_kinds.h"

namespace sluice::fuzz {

void flowFile(const QByteArray& input)
{
    static const flow::TaskKinds kKinds = test::taskKinds();
    const flow::FlowContext context{.connections = {{.name = "vega", .type = "ceph"},
                                                    {.name = "rgw.vega", .type = "s3"},
                                                    {.name = "luigid", .type = "luigi"}},
                                    .roles = {"ingest"},
                                    .defaultRole = "ingest"};
    const QString text = QString::fromUtf8(input);
    const flow::FlowFile file = flow::parseFlow(text, QStringLiteral("fuzz.yaml"), kKinds, context);
    promise(file.flow.has_value() == file.problems.isEmpty(), "a flow or at least one mistake");
    for (const yaml::Problem& problem : file.problems) {
        promise(problem.line >= 1 && problem.column >= 1, "a mistake has a place");
        promise(!problem.message.isEmpty(), "a mistake says what it is");
    }
}

}  // namespace sluice::fuzz
