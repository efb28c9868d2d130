// What holds up a task of a flow that is run by Luigi.
#include <QtCore/QJsonArray>
#include <algorithm>
#include <optional>

#include "core/clock.h"
#include "systems/luigi/luigid_view.h"

namespace sluice::systems::luigi {
namespace {

using diagnosis::evidenceOf;
using diagnosis::Finding;
using diagnosis::Remedy;
using diagnosis::Verdict;

/// luigid forgets a worker that has not spoken for longer.
constexpr qint64 kSpokeMs = 60'000;

std::optional<Fact> luigidOf(const Scene& scene)
{
    const QString connection = scene.task().connections.value(0);
    return scene.facts().fact(diagnosis::idOf(connection, QStringLiteral("connection"), connection));
}

/// The worker that the process of the task is. Two of one number, on two machines, name nobody.
std::optional<Fact> workerOf(const Scene& scene)
{
    std::optional<Fact> found;
    for (const Fact& worker :
         scene.facts().ofKind(scene.task().connections.value(0), QStringLiteral("luigi-worker"))) {
        if (scene.task().pid > 0 && worker.facts["pid"].toInteger() == scene.task().pid) {
            if (found) {
                return std::nullopt;
            }
            found = worker;
        }
    }
    return found;
}

/// Tasks in this state that the worker wants, by name.
QList<Fact> tasksOf(const Scene& scene, const Fact& worker, const QString& status)
{
    QList<Fact> tasks;
    for (const Fact& task : scene.facts().ofKind(worker.connection, QStringLiteral("luigi-task"))) {
        const bool mine = status == QLatin1String("RUNNING")
                              ? task.facts["workerRunning"] == worker.facts["name"]
                              : task.facts["workers"].toArray().contains(worker.facts["name"]);
        if (scene.fresh(task) && mine && task.facts["status"].toString() == status) {
            tasks.append(task);
        }
    }
    std::sort(tasks.begin(), tasks.end(), [](const Fact& a, const Fact& b) { return a.name < b.name; });
    return tasks;
}

QString resetStep(const Scene& scene)
{
    return QStringLiteral("sluicectl flow reset %1").arg(scene.task().run);
}

/// "RUNNING for 2 min, and said last “step 3 of 10” (20 %)"
QString whatItSaid(const Scene& scene, const Fact& task)
{
    QString text = QStringLiteral("luigid lists %1 as RUNNING").arg(task.facts["displayName"].toString());
    if (const qint64 since = fromRfc3339(task.facts["startedAt"].toString()); since > 0) {
        text += QStringLiteral(" for %1").arg(scene.age(since));
    }
    const QString message = task.facts["statusMessage"].toString();
    if (!message.isEmpty()) {
        text += QStringLiteral(", and it said last “%1”").arg(message);
    }
    if (task.facts["progressPercent"].isDouble()) {
        text += QStringLiteral(" (%1 %)").arg(task.facts["progressPercent"].toInt());
    }
    return text;
}

Finding hangs(const Scene& scene, const Fact& worker, const Fact& task)
{
    const QString pid = QString::number(scene.task().pid);
    const QString kernel = QStringLiteral("cat /proc/%1/wchan; ls -l /proc/%1/fd").arg(pid);
    const QString stack = QStringLiteral("py-spy dump --pid %1").arg(pid);
    const qint64 spoke = fromRfc3339(worker.facts["lastActiveAt"].toString());
    return {
        .rule = QStringLiteral("R64"),
        .title = QStringLiteral("Luigi task %1 runs and does not move").arg(task.facts["family"].toString()),
        .verdict = Verdict::Confirmed,
        .scope = diagnosis::Scope::Object,
        .evidence = {evidenceOf(task, whatItSaid(scene, task)),
                     evidenceOf(worker, QStringLiteral("Its worker, process %1, is there: it spoke to "
                                                       "luigid %2 ago")
                                            .arg(pid, scene.age(spoke))),
                     {.text = QStringLiteral("Nothing was printed and nothing ended for %1")
                                  .arg(scene.age(scene.task().lastProgressAtMs)),
                      .source = QStringLiteral("sluiced"),
                      .entity = scene.task().id,
                      .observedAtMs = scene.nowMs()}},
        .correction = QStringLiteral("luigid and the worker are well: see what the code of %1 waits for. A "
                                     "task that works for long without a word needs a longer stallAfter.")
                          .arg(task.facts["family"].toString()),
        .remedy = Remedy{
            .method = QStringLiteral("flow.reset"),
            .params = {{"run", scene.task().run}},
            .title = QStringLiteral("See what it waits for, then reset %1").arg(scene.task().task),
            .actionClass = 2,
            .steps = {QStringLiteral("On the machine of the engine, what its Python code does: "
                                     "%1")
                          .arg(stack),
                      QStringLiteral("What it waits for in the kernel, and what it has open: %1").arg(kernel),
                      QStringLiteral("End it and start it again, what is complete is not done "
                                     "again: %1")
                          .arg(resetStep(scene))},
            .commands = {stack, kernel, resetStep(scene)}}};
}

Finding disabled(const Scene& scene, const QList<Fact>& tasks)
{
    const Fact& first = tasks.first();
    QStringList names;
    QStringList broken;
    for (const Fact& task : tasks) {
        names.append(task.facts["displayName"].toString());
        broken.append(task.id);
    }
    Finding finding{
        .rule = QStringLiteral("R56"),
        .title = QStringLiteral("luigid starts %1 no more").arg(first.facts["family"].toString()),
        .verdict = Verdict::Confirmed,
        .scope = diagnosis::Scope::Object,
        .evidence = {evidenceOf(first, QStringLiteral("luigid lists as DISABLED, after too many failures: %1")
                                           .arg(diagnosis::joined(names)))},
        .broken = broken,
        .correction =
            QStringLiteral("Mend what made it fail, then enable it again; the run goes on by itself.")};
    Remedy remedy{.title = QStringLiteral("Mend the cause, then enable it again"), .actionClass = 1};
    const std::optional<Fact> luigid = luigidOf(scene);
    for (const Fact& task : tasks) {
        // An id that tells a secret is not shown, and luigid takes no other.
        const QString id = task.facts["taskId"] == task.name ? QString() : task.facts["taskId"].toString();
        const QString why =
            luigid && !id.isEmpty() ? curlCommand(*luigid, QStringLiteral("fetch_error"), id) : QString();
        const QString enable =
            luigid && !id.isEmpty() ? curlCommand(*luigid, QStringLiteral("re_enable_task"), id) : QString();
        if (!why.isEmpty()) {
            remedy.steps.append(QStringLiteral("See its last error: %1").arg(why));
            remedy.steps.append(QStringLiteral("When the cause is mended, enable it again: %1").arg(enable));
            remedy.commands += {why, enable};
        }
    }
    if (remedy.steps.isEmpty()) {
        remedy.steps.append(
            QStringLiteral("On luigid's page: see its last error, mend that, and press "
                           "“Re-enable”"));
    }
    remedy.steps.append(QStringLiteral("Check that the run goes on"));
    finding.remedy = remedy;
    return finding;
}

}  // namespace

QList<Finding> whatLuigidHolds(const Scene& scene, const QList<Finding>&)
{
    const std::optional<Fact> luigid = luigidOf(scene);
    if (!luigid) {
        return {};
    }
    QList<Finding> found{silentLuigid(scene, *luigid)};
    if (isPaused(scene, *luigid)) {
        found.append(pausedLuigid(*luigid));
    }
    const std::optional<Fact> worker = workerOf(scene);
    if (worker && scene.fresh(*worker) && worker->facts["state"].toString() == QLatin1String("disabled")) {
        found.append(disabledWorker(scene, *worker));
    }
    return found;
}

QList<Finding> whatIsDisabled(const Scene& scene, const QList<Finding>&)
{
    const std::optional<Fact> worker = workerOf(scene);
    const QList<Fact> tasks = worker ? tasksOf(scene, *worker, QStringLiteral("DISABLED")) : QList<Fact>();
    return tasks.isEmpty() ? QList<Finding>() : QList<Finding>{disabled(scene, tasks)};
}

QList<Finding> whatHangs(const Scene& scene, const QList<Finding>&)
{
    const std::optional<Fact> worker = workerOf(scene);
    if (!worker || !scene.fresh(*worker) || scene.task().stoppedPid > 0 || scene.blocked().any() ||
        scene.nowMs() - fromRfc3339(worker->facts["lastActiveAt"].toString()) > kSpokeMs) {
        return {};
    }
    const QList<Fact> tasks = tasksOf(scene, *worker, QStringLiteral("RUNNING"));
    return tasks.isEmpty() ? QList<Finding>() : QList<Finding>{hangs(scene, *worker, tasks.first())};
}

}  // namespace sluice::systems::luigi
