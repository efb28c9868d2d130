#include "flow/flow_file.h"

#include <QtCore/QHash>
#include <QtCore/QRegularExpression>

#include "core/redact.h"

namespace sluice::flow {
namespace {

using model::Location;
using model::TaskKind;
using model::TaskSpec;

constexpr int kMaxTasks = 200'000;
const char* const kKinds = "exactly one of move, verify, luigi, approve";

struct Placed {
    TaskSpec spec{};
    yaml::Value at;
};

/// @return whether `checked` is good; else it is a problem of `value`.
bool passes(const Result<void>& checked, const yaml::Value& value, const QString& expected)
{
    if (!checked) {
        value.problem(checked.error().message + QStringLiteral(": ") + checked.error().cause, expected);
    }
    return checked.has_value();
}

/// A secret must not be stored with the flow. @return whether `value` holds none; else it is a problem.
bool isPublic(const QString& text, const yaml::Value& value)
{
    const bool isPublic = redactText(text) == text;
    if (!isPublic) {
        value.problem(
            QStringLiteral("this holds what looks like a secret"),
            QStringLiteral("a text that everybody may read: secrets stand in the configuration, by name"));
    }
    return isPublic;
}

const QRegularExpression& nameRule()
{
    static const QRegularExpression kRule(QStringLiteral("\\A[A-Za-z0-9][A-Za-z0-9._-]{0,126}\\z"));
    return kRule;
}

class Reader {
public:
    Reader(const FlowContext& context, const yaml::Document& document)
        : m_context(context), m_document(document)
    {
    }

    model::Flow read()
    {
        const yaml::Map root = m_document.root();
        root.refuseOthers({"flow", "tasks"});
        model::Flow flow;
        const yaml::Value name =
            root.required(QStringLiteral("flow"), QStringLiteral("the name of the flow"));
        flow.name = name.text();
        if (!flow.name.isEmpty() && !nameRule().match(flow.name).hasMatch()) {
            name.problem(QStringLiteral("'%1' is no flow name").arg(flow.name),
                         QStringLiteral("letters, digits, dot, dash, underscore, at most 127"));
        }
        root.required(QStringLiteral("tasks"), QStringLiteral("a map of tasks"))
            .map(QStringLiteral("a map of task names to tasks"))
            .each([this](const QString& task, const yaml::Value& value) { readTask(task, value); });
        if (m_tasks.isEmpty() && m_document.problems().isEmpty()) {
            root.problem(QStringLiteral("the flow has no task"), QStringLiteral("at least one task"));
        }
        if (m_tasks.size() > kMaxTasks) {
            root.problem(QStringLiteral("the flow has %1 tasks").arg(m_tasks.size()),
                         QStringLiteral("at most %1").arg(kMaxTasks));
        }
        checkNeeds();
        for (const Placed& placed : m_tasks) {
            flow.tasks.append(placed.spec);
        }
        return flow;
    }

private:
    void readTask(const QString& name, const yaml::Value& value)
    {
        TaskSpec spec{.name = name, .stallAfterMs = m_context.stallAfterMs, .inFlight = m_context.inFlight};
        if (!nameRule().match(name).hasMatch()) {
            value.problem(QStringLiteral("'%1' is no task name").arg(name),
                          QStringLiteral("letters, digits, dot, dash, underscore, at most 127"));
        }
        const yaml::Map map = value.map(QStringLiteral("a map with ") + QLatin1String(kKinds));
        map.refuseOthers({"needs", "role", "stallAfter", "move", "verify", "luigi", "approve"});
        spec.needs = map.optional(QStringLiteral("needs")).list();
        spec.stallAfterMs = map.optional(QStringLiteral("stallAfter")).duration(m_context.stallAfterMs);
        readKind(map, value, spec);
        readRole(map, spec);
        m_index.insert(name, static_cast<int>(m_tasks.size()));
        m_tasks.append(Placed{spec, value});
    }

    void readKind(const yaml::Map& map, const yaml::Value& task, TaskSpec& spec)
    {
        QStringList kinds;
        for (const QString& kind : model::taskKindWords()) {
            if (map.has(kind)) {
                kinds.append(kind);
            }
        }
        if (kinds.size() != 1) {
            if (task.isMap()) {
                task.problem(kinds.isEmpty() ? QStringLiteral("task '%1' does nothing").arg(spec.name)
                                             : QStringLiteral("task '%1' is %2 at once")
                                                   .arg(spec.name, kinds.join(QStringLiteral(" and "))),
                             QLatin1String(kKinds));
            }
            return;
        }
        spec.kind = static_cast<TaskKind>(model::taskKindWords().indexOf(kinds.first()));
        const yaml::Value value = map.optional(kinds.first());
        switch (spec.kind) {
            case TaskKind::Move:
                readMove(value, spec);
                break;
            case TaskKind::Verify: {
                const yaml::Map verify = value.map(QStringLiteral("a map with of"));
                verify.refuseOthers({"of", "others"});
                spec.othersAllowed = verify.optional(QStringLiteral("others"))
                                         .oneOf({QStringLiteral("refuse"), QStringLiteral("allow")},
                                                QStringLiteral("refuse")) == QLatin1String("allow");
                spec.verifyOf =
                    verify.required(QStringLiteral("of"), QStringLiteral("the name of a move task")).text();
                break;
            }
            case TaskKind::Luigi:
                readLuigi(value, spec);
                break;
            case TaskKind::Approve: {
                const yaml::Map approve = value.map(QStringLiteral("a map with message"));
                approve.refuseOthers({"message"});
                const yaml::Value message =
                    approve.required(QStringLiteral("message"), QStringLiteral("what the person is asked"));
                spec.message = isPublic(message.text(), message) ? message.text() : QString();
                break;
            }
        }
    }

    Location readLocation(const yaml::Map& map, const QString& key)
    {
        const yaml::Value value = map.required(key, QStringLiteral("a location"));
        if (!value.present()) {
            return {};
        }
        const QString text = value.text();
        if (text.isEmpty() || !isPublic(text, value)) {
            return {};
        }
        auto location = Location::parse(text);
        if (!location) {
            value.problem(location.error().message + QStringLiteral(": ") + location.error().cause,
                          location.error().correction);
            return {};
        }
        const bool rados = location->type == Location::Type::Rados;
        const QStringList& known = rados ? m_context.cephConnections : m_context.s3Connections;
        if (location->type != Location::Type::File && !known.contains(location->connection)) {
            value.problem(
                QStringLiteral("there is no %1 connection '%2'")
                    .arg(rados ? QStringLiteral("Ceph") : QStringLiteral("S3"), location->connection),
                known.isEmpty()
                    ? QStringLiteral("a connection of the configuration; none of that type is there")
                    : QStringLiteral("one of ") + known.join(QStringLiteral(", ")));
        }
        return *location;
    }

    void readMove(const yaml::Value& value, TaskSpec& spec)
    {
        const yaml::Map move = value.map(QStringLiteral("a map with from and to"));
        move.refuseOthers({"from", "to", "onExisting", "inFlight", "allowEmpty"});
        spec.from = readLocation(move, QStringLiteral("from"));
        spec.to = readLocation(move, QStringLiteral("to"));
        spec.replaceExisting = move.optional(QStringLiteral("onExisting"))
                                   .oneOf({QStringLiteral("refuse"), QStringLiteral("replace")},
                                          QStringLiteral("refuse")) == QLatin1String("replace");
        spec.inFlight =
            static_cast<int>(move.optional(QStringLiteral("inFlight")).integer(1, 256, m_context.inFlight));
        spec.allowEmpty = move.optional(QStringLiteral("allowEmpty")).flag(false);
        const bool read =
            value.isMap() && !spec.from.toText().endsWith(':') && !spec.to.toText().endsWith(':');
        const QString expected = QStringLiteral("two places of which none lies in the other");
        if (read && spec.from.toText() == spec.to.toText()) {
            value.problem(QStringLiteral("from and to are the same place"),
                          QStringLiteral("two different places"));
        } else if (read && liesWithin(spec.to, spec.from)) {
            value.problem(QStringLiteral("to lies inside from: copies would be copied again"), expected);
        } else if (read && liesWithin(spec.from, spec.to)) {
            value.problem(QStringLiteral("from lies inside to: copies could fall on what is copied"),
                          expected);
        }
    }

    void readLuigi(const yaml::Value& value, TaskSpec& spec)
    {
        const yaml::Map luigi = value.map(QStringLiteral("a map with connection, module and task"));
        luigi.refuseOthers({"connection", "module", "task", "params"});
        const yaml::Value connection =
            luigi.required(QStringLiteral("connection"), QStringLiteral("a connection of type luigi"));
        spec.luigiConnection = connection.text();
        if (!spec.luigiConnection.isEmpty() && !m_context.luigiConnections.contains(spec.luigiConnection)) {
            connection.problem(
                QStringLiteral("there is no Luigi connection '%1'").arg(spec.luigiConnection),
                QStringLiteral("one of ") + m_context.luigiConnections.join(QStringLiteral(", ")));
        }
        const yaml::Value module =
            luigi.required(QStringLiteral("module"), QStringLiteral("a Python module"));
        spec.luigiModule = module.text();
        const yaml::Value task =
            luigi.required(QStringLiteral("task"), QStringLiteral("a Luigi task of that module"));
        spec.luigiTask = task.text();
        const LuigiRules& rules = m_context.luigi;
        if (rules.module && module.present()) {
            passes(rules.module(spec.luigiModule), module,
                   QStringLiteral("a Python module, e.g. jobs.daily"));
        }
        if (rules.task && task.present()) {
            passes(rules.task(spec.luigiTask), task, QStringLiteral("a Luigi task of that module"));
        }
        luigi.optional(QStringLiteral("params"))
            .map(QStringLiteral("a map of parameters"))
            .each([&spec, &rules](const QString& key, const yaml::Value& v) {
                // What is refused is not taken: a secret must not be stored with the flow.
                if (!rules.param || passes(rules.param(key, v.text()), v,
                                           QStringLiteral("a parameter of the task that is no secret"))) {
                    spec.luigiParams[key] = v.text();
                }
            });
    }

    void readRole(const yaml::Map& map, TaskSpec& spec)
    {
        const yaml::Value role = map.optional(QStringLiteral("role"));
        spec.role = role.text(m_context.defaultRole);
        const bool needsRole = spec.kind == TaskKind::Move && (spec.from.type == Location::Type::Rados ||
                                                               spec.to.type == Location::Type::Rados);
        if (role.present() && !m_context.roles.contains(spec.role)) {
            role.problem(QStringLiteral("there is no role '%1'").arg(spec.role),
                         QStringLiteral("one of ") + m_context.roles.join(QStringLiteral(", ")));
        } else if (needsRole && spec.role.isEmpty()) {
            map.problem(QStringLiteral("task '%1' touches Ceph and has no role").arg(spec.name),
                        QStringLiteral("role, or a default role in the configuration"));
        } else if (needsRole) {
            checkRoleConnection(map, role, spec);
        }
    }

    void checkRoleConnection(const yaml::Map& map, const yaml::Value& role, const TaskSpec& spec)
    {
        QStringList clusters;
        for (const Location* location : {&spec.from, &spec.to}) {
            if (location->type != Location::Type::Rados || clusters.contains(location->connection)) {
                continue;
            }
            if (!m_context.cephConnections.contains(location->connection)) {
                return;  // said where it stands
            }
            clusters.append(location->connection);
        }
        const QString keyOn = m_context.roleConnections.value(spec.role);
        if (keyOn.isEmpty() || clusters.contains(keyOn)) {
            return;
        }
        const QString message = QStringLiteral("role '%1' has its key on %2, which task '%3' does not touch")
                                    .arg(spec.role, keyOn, spec.name);
        const QString expected =
            clusters.size() == 1
                ? QStringLiteral("a role of %1").arg(clusters.first())
                : QStringLiteral("a role of %1 whose key is on both: a move between clusters uses it on both")
                      .arg(clusters.join(QStringLiteral(" or ")));
        if (role.present()) {
            role.problem(message, expected);
        } else {
            map.problem(message, expected);
        }
    }

    void checkNeeds()
    {
        for (const Placed& placed : m_tasks) {
            QStringList seen;
            for (const QString& need : placed.spec.needs) {
                if (!m_index.contains(need)) {
                    placed.at.problem(QStringLiteral("task '%1' needs '%2', which is not there")
                                          .arg(placed.spec.name, need),
                                      QStringLiteral("the name of a task of this flow"));
                } else if (seen.contains(need)) {
                    placed.at.problem(
                        QStringLiteral("task '%1' needs '%2' twice").arg(placed.spec.name, need),
                        QStringLiteral("each need once"));
                }
                seen.append(need);
            }
            if (placed.spec.kind == TaskKind::Verify && !placed.spec.verifyOf.isEmpty()) {
                checkVerify(placed);
            }
        }
        findCycle();
    }

    void checkVerify(const Placed& placed)
    {
        const auto it = m_index.constFind(placed.spec.verifyOf);
        if (it == m_index.constEnd() || m_tasks[*it].spec.kind != TaskKind::Move) {
            placed.at.problem(QStringLiteral("task '%1' verifies '%2', which is no move task of this flow")
                                  .arg(placed.spec.name, placed.spec.verifyOf),
                              QStringLiteral("the name of a move task"));
            return;
        }
        if (!reaches(m_index.value(placed.spec.name), *it)) {
            placed.at.problem(
                QStringLiteral("task '%1' may run before '%2', which it verifies")
                    .arg(placed.spec.name, placed.spec.verifyOf),
                QStringLiteral("'%1' among its needs, directly or through others").arg(placed.spec.verifyOf));
        }
    }

    bool reaches(int from, int target) const
    {
        QList<int> open{from};
        QSet<int> seen;
        while (!open.isEmpty()) {
            const int at = open.takeLast();
            if (at == target) {
                return true;
            }
            for (const QString& need : m_tasks[at].spec.needs) {
                const int next = m_index.value(need, -1);
                if (next >= 0 && !seen.contains(next)) {
                    seen.insert(next);
                    open.append(next);
                }
            }
        }
        return false;
    }

    /// Kahn's order; what is left over lies on or behind a cycle, which is then walked once to name it.
    void findCycle()
    {
        QList<int> left(m_tasks.size(), 0);
        QHash<int, QList<int>> behind;
        for (int i = 0; i < m_tasks.size(); ++i) {
            for (const QString& need : m_tasks[i].spec.needs) {
                const int at = m_index.value(need, -1);
                if (at >= 0) {
                    ++left[i];
                    behind[at].append(i);
                }
            }
        }
        QList<int> open;
        for (int i = 0; i < left.size(); ++i) {
            if (left[i] == 0) {
                open.append(i);
            }
        }
        qsizetype ordered = 0;
        while (!open.isEmpty()) {
            const int at = open.takeLast();
            ++ordered;
            for (const int next : behind.value(at)) {
                if (--left[next] == 0) {
                    open.append(next);
                }
            }
        }
        if (ordered != m_tasks.size()) {
            nameCycle(left);
        }
    }

    void nameCycle(const QList<int>& left)
    {
        int at = 0;
        while (left[at] == 0) {
            ++at;
        }
        QList<int> path;
        while (!path.contains(at)) {
            path.append(at);
            for (const QString& need : m_tasks[at].spec.needs) {
                const int next = m_index.value(need, -1);
                if (next >= 0 && left[next] > 0) {
                    at = next;
                    break;
                }
            }
        }
        QStringList names;
        for (qsizetype i = path.indexOf(at); i < path.size(); ++i) {
            names.append(m_tasks[path[i]].spec.name);
        }
        names.append(m_tasks[at].spec.name);
        m_tasks[at].at.problem(QStringLiteral("the tasks need each other in a circle: %1")
                                   .arg(names.join(QStringLiteral(" needs "))),
                               QStringLiteral("no circle"));
    }

    const FlowContext& m_context;
    const yaml::Document& m_document;
    QList<Placed> m_tasks{};
    QHash<QString, int> m_index{};
};

}  // namespace

FlowFile parseFlow(const QString& text, const QString& file, const FlowContext& context)
{
    const yaml::Document document(text, file);
    FlowFile result;
    if (document.problems().isEmpty()) {
        model::Flow flow = Reader(context, document).read();
        if (document.problems().isEmpty()) {
            result.flow = std::move(flow);
        }
    }
    result.problems = document.problems();
    std::stable_sort(result.problems.begin(), result.problems.end(), [](const auto& a, const auto& b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return result;
}

}  // namespace sluice::flow
