#include <QtCore/QJsonDocument>

#include "fuzz_targets.h"
#include "luigi/facts.h"
#include "luigi/output_parser.h"
#include "promise.h"

namespace sluice::fuzz {

void luigiOutput(const QByteArray& input)
{
    luigi::OutputParser parser(QStringLiteral("Train"));
    const QList<QByteArray> lines = input.split('\n');
    for (const QByteArray& line : lines) {
        const luigi::LuigiProgress before = parser.progress();
        const bool changed = parser.feed(QString::fromUtf8(line));
        const luigi::LuigiProgress& progress = parser.progress();
        promise(changed == (progress != before), "a change is told, and nothing else is");
        promise(progress.tasksDone + progress.tasksFailed <= progress.tasksTotal,
                "no more tasks end than there are");
    }
    const luigi::ExecutionSummary& summary = parser.summary();
    promise(summary.seen || summary.verdict.isEmpty(), "no verdict without a summary");
    promise(summary.ran >= 0 && summary.failed >= 0 && summary.scheduled >= 0, "no count is below zero");
}

void luigiGraph(const QByteArray& input)
{
    const QJsonObject answer = QJsonDocument::fromJson(input).object();
    for (const QJsonObject& row : luigi::graphEntities(QStringLiteral("luigid"), answer, 1'700'000'000'000)) {
        promise(row["id"].toString().startsWith(QLatin1String("luigid/luigi-task/")),
                "a row's id names its connection");
        promise(row["facts"].isObject(), "a row has facts");
    }
    static_cast<void>(luigi::workerEntity(QStringLiteral("luigid"), answer, 1'700'000'000'000));
}

}  // namespace sluice::fuzz
