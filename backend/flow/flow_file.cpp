#include "flow/flow_file.h"

#include <QtCore/QHash>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <algorithm>

namespace sluice::flow {
namespace {

using model::TaskSpec;

constexpr int kMaxTasks = 200'000;

struct Placed {
    TaskSpec spec{};
    const TaskKind* kind{};
    yaml::Value at;
};

const QRegularExpression& nameRule()
{
    static const QRegularExpression kRule(QStringLiteral("\\A[A-Za-z0-9][A-Za-z0-9._-]{0,126}\\z"));
    return kRule;
}

class Reader final : public FlowView {
public:
    Reader(const TaskKinds& kinds, const FlowContext& context, const yaml::Document& document)
        : m_kinds(kinds), m_context(context), m_document(document)
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

    const TaskSpec* task(const QString& name) const override
    {
        const auto it = m_index.constFind(name);
        return it == m_index.constEnd() ? nullptr : &m_tasks[*it].spec;
    }

    bool needs(const QString& task, const QString& before) const override
    {
        const int target = m_index.value(before, -1);
        QList<int> open{m_index.value(task, -1)};
        QSet<int> seen;
        while (!open.isEmpty() && target >= 0) {
            const int at = open.takeLast();
            if (at == target) {
                return true;
            }
            for (const QString& need : at < 0 ? QStringList() : m_tasks[at].spec.needs) {
                const int next = m_index.value(need, -1);
                if (next >= 0 && !seen.contains(next)) {
                    seen.insert(next);
                    open.append(next);
                }
            }
        }
        return false;
    }

private:
    void readTask(const QString& name, const yaml::Value& value)
    {
        TaskSpec spec{.name = name, .stallAfterMs = m_context.stallAfterMs};
        if (!nameRule().match(name).hasMatch()) {
            value.problem(QStringLiteral("'%1' is no task name").arg(name),
                          QStringLiteral("letters, digits, dot, dash, underscore, at most 127"));
        }
        const yaml::Map map = value.map(QStringLiteral("a map with ") + oneKind());
        map.refuseOthers(
            QStringList{QStringLiteral("needs"), QStringLiteral("role"), QStringLiteral("stallAfter")} +
            m_kinds.names());
        spec.needs = map.optional(QStringLiteral("needs")).list();
        spec.stallAfterMs = map.optional(QStringLiteral("stallAfter")).duration(m_context.stallAfterMs);
        const TaskKind* kind = readKind(map, value, spec);
        readRole(map, spec, kind ? kind->roleNeed(spec) : RoleNeed());
        m_index.insert(name, static_cast<int>(m_tasks.size()));
        m_tasks.append(Placed{spec, kind, value});
    }

    QString oneKind() const
    {
        return QStringLiteral("exactly one of ") + m_kinds.names().join(QStringLiteral(", "));
    }

    /// @return null if the task is of no kind, or of several
    const TaskKind* readKind(const yaml::Map& map, const yaml::Value& task, TaskSpec& spec)
    {
        QStringList kinds;
        for (const QString& kind : m_kinds.names()) {
            if (map.has(kind)) {
                kinds.append(kind);
            }
        }
        if (kinds.size() != 1) {
            if (task.isMap()) {
                task.problem(kinds.isEmpty() ? QStringLiteral("task '%1' does nothing").arg(spec.name)
                                             : QStringLiteral("task '%1' is %2 at once")
                                                   .arg(spec.name, kinds.join(QStringLiteral(" and "))),
                             oneKind());
            }
            return nullptr;
        }
        const TaskKind* kind = m_kinds.find(kinds.first());
        spec.kind = kind->name();
        spec.body = kind->read(map.optional(kind->name()), m_context);
        return kind;
    }

    void readRole(const yaml::Map& map, TaskSpec& spec, const RoleNeed& need)
    {
        const yaml::Value role = map.optional(QStringLiteral("role"));
        spec.role = role.text(m_context.defaultRole);
        if (role.present() && !m_context.roles.contains(spec.role)) {
            role.problem(QStringLiteral("there is no role '%1'").arg(spec.role),
                         QStringLiteral("one of ") + m_context.roles.join(QStringLiteral(", ")));
        } else if (!need.connections.isEmpty() && spec.role.isEmpty()) {
            map.problem(QStringLiteral("task '%1' touches %2 and has no role").arg(spec.name, need.system),
                        QStringLiteral("role, or a default role in the configuration"));
        } else if (!need.connections.isEmpty()) {
            checkRoleConnection(map, role, spec, need.connections);
        }
    }

    void checkRoleConnection(const yaml::Map& map, const yaml::Value& role, const TaskSpec& spec,
                             const QStringList& clusters)
    {
        for (const QString& cluster : clusters) {
            if (!m_context.hasConnection(cluster)) {
                return;  // said where it stands
            }
        }
        const QString keyOn = m_context.roleConnections.value(spec.role);
        if (keyOn.isEmpty() || clusters.contains(keyOn)) {
            return;
        }
        const QString message = QStringLiteral("role '%1' has its key on %2, which task '%3' does not touch")
                                    .arg(spec.role, keyOn, spec.name);
        const bool single = clusters.size() == 1;
        const QString expected =
            single ? QStringLiteral("a role of %1").arg(clusters.first())
                   : QStringLiteral("a role of %1 whose key is on both: a task uses it wherever it needs one")
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
            if (placed.kind) {
                placed.kind->check(placed.spec, *this, placed.at);
            }
        }
        findCycle();
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

    const TaskKinds& m_kinds;
    const FlowContext& m_context;
    const yaml::Document& m_document;
    QList<Placed> m_tasks{};
    QHash<QString, int> m_index{};
};

}  // namespace

FlowFile parseFlow(const QString& text, const QString& file, const TaskKinds& kinds,
                   const FlowContext& context)
{
    const yaml::Document document(text, file);
    FlowFile result;
    if (document.problems().isEmpty()) {
        model::Flow flow = Reader(kinds, context, document).read();
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
