#include "systems/luigi/luigid_view.h"

#include <QtCore/QRegularExpression>

#include "core/error.h"

namespace sluice::systems::luigi {

using diagnosis::evidenceOf;
using diagnosis::Finding;
using diagnosis::Remedy;
using diagnosis::Verdict;

QString curlCommand(const Fact& luigid, const QString& method, const QString& taskId)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_]*$"));
    const QString url = luigid.facts["url"].toString();
    if (url.isEmpty() || url.contains('\'') || !plain.match(taskId).hasMatch()) {
        return {};
    }
    const QString data =
        taskId.isEmpty() ? QStringLiteral("{}") : QStringLiteral("{\"task_id\": \"%1\"}").arg(taskId);
    return QStringLiteral("curl -sG --data-urlencode 'data=%1' '%2/api/%3'").arg(data, url, method);
}

std::optional<bool> isSilent(const Scene& scene, const Fact& luigid)
{
    const QString state = luigid.facts["state"].toString();
    if (scene.fresh(luigid) && state == QLatin1String("up")) {
        return false;
    }
    const Error error = Error::fromJson(luigid.facts["error"].toObject());
    const bool none = state == QLatin1String("down") &&
                      (error.code == ErrorCode::Unavailable || error.code == ErrorCode::DeadlineExceeded);
    return scene.fresh(luigid) && none ? std::optional(true) : std::nullopt;
}

bool isPaused(const Scene& scene, const Fact& luigid)
{
    return isSilent(scene, luigid) == false && luigid.facts["paused"].toBool();
}

Finding silentLuigid(const Scene& scene, const Fact& luigid)
{
    Finding finding{.rule = QStringLiteral("R57"),
                    .title = QStringLiteral("No answer from luigid %1").arg(luigid.name),
                    .scope = diagnosis::Scope::System,
                    .broken = {luigid.id}};
    const auto silent = isSilent(scene, luigid);
    if (silent == false) {
        finding.verdict = Verdict::Refuted;
        finding.evidence = {evidenceOf(luigid, QStringLiteral("luigid %1 answers").arg(luigid.name))};
    } else if (silent == true) {
        const QString url = luigid.facts["url"].toString();
        const Error error = Error::fromJson(luigid.facts["error"].toObject());
        finding.verdict = Verdict::Confirmed;
        finding.evidence = {
            evidenceOf(luigid, QStringLiteral("%1 gives no answer: %2").arg(url, error.toLine()))};
        finding.correction = QStringLiteral(
            "Start luigid, or see why it cannot be reached. No Luigi task is let in until then; workers that "
            "run try again by themselves.");
        finding.remedy =
            Remedy{.title = QStringLiteral("Start luigid %1").arg(luigid.name),
                   .actionClass = 1,
                   .steps = {QStringLiteral("On the host of %1: systemctl restart luigid").arg(url),
                             QStringLiteral("Check that luigid answers")},
                   .commands = {QStringLiteral("systemctl restart luigid")}};
    }
    return finding;
}

Finding pausedLuigid(const Fact& luigid)
{
    Finding finding{.rule = QStringLiteral("R55"),
                    .title = QStringLiteral("luigid %1 is paused").arg(luigid.name),
                    .verdict = Verdict::Confirmed,
                    .scope = diagnosis::Scope::System,
                    .evidence = {evidenceOf(
                        luigid,
                        QStringLiteral("luigid %1 says that it is paused: it gives no worker anything "
                                       "to do")
                            .arg(luigid.name),
                        QStringLiteral("luigid is_paused"))},
                    .broken = {luigid.id},
                    .correction = QStringLiteral(
                        "Find who paused luigid and why, then let it go on; tasks that wait go on "
                        "by themselves.")};
    Remedy remedy{.title = QStringLiteral("Let luigid %1 go on").arg(luigid.name),
                  .actionClass = 1,
                  .steps = {QStringLiteral("Find who paused it, and whether it may go on")}};
    if (const QString command = curlCommand(luigid, QStringLiteral("unpause")); !command.isEmpty()) {
        remedy.steps.append(QStringLiteral("Let it go on: %1").arg(command));
        remedy.commands = {command};
    }
    remedy.steps.append(QStringLiteral("Check that its tasks go on"));
    finding.remedy = remedy;
    return finding;
}

Finding disabledWorker(const Scene& scene, const Fact& worker)
{
    const QString host = worker.facts["host"].toString();
    const QString pid = QString::number(worker.facts["pid"].toInteger());
    Finding finding{
        .rule = QStringLiteral("R55"),
        .title = QStringLiteral("The Luigi worker with process %1 on %2 is disabled").arg(pid, host),
        .scope = diagnosis::Scope::Carrier,
        .broken = {worker.id}};
    if (!scene.fresh(worker)) {
        return finding;
    }
    if (worker.facts["state"].toString() != QLatin1String("disabled")) {
        finding.verdict = Verdict::Refuted;
        finding.evidence = {evidenceOf(worker, QStringLiteral("luigid gives it tasks"))};
        return finding;
    }
    finding.verdict = Verdict::Confirmed;
    finding.evidence = {
        evidenceOf(worker, QStringLiteral("luigid gives %1 no more tasks; it runs %2 and could run %3 more")
                               .arg(worker.facts["name"].toString())
                               .arg(worker.facts["running"].toInt())
                               .arg(worker.facts["pending"].toInt()))};
    const QString end = QStringLiteral("kill %1").arg(pid);
    finding.correction = QStringLiteral(
        "Somebody disabled it on luigid's page or over its API; that cannot be taken back. Start it anew: "
        "the "
        "new process is a new worker.");
    finding.remedy =
        Remedy{.title = QStringLiteral("Start the Luigi worker anew"),
               .actionClass = 1,
               .steps = {QStringLiteral("Find who disabled it, and why"),
                         QStringLiteral("On %1, once it runs nothing any more: %2").arg(host, end),
                         QStringLiteral("Start it again as it was started. A run of Sluice does "
                                        "that by itself")},
               .commands = {end}};
    return finding;
}

}  // namespace sluice::systems::luigi
