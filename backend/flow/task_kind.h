#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <memory>

#include "flow/flow_context.h"
#include "model/flow.h"
#include "model/location.h"
#include "yaml/reader.h"

namespace sluice::flow {

/// A place in storage that a task reads, or that it is about as a destination.
struct TaskPlace {
    model::Location location{};
    bool destination{false};
};

/// Something of a system, as the estate knows it, that a task works with.
struct TouchedEntity {
    QString kind{};
    QString connection{};
    QString name{};
    bool destination{false};
    QString prefix{};  ///< what it uses there begins with it; empty: anything
};

/// What a task touches.
struct Touches {
    QList<TaskPlace> places{};
    QList<TouchedEntity> entities{};
    /// Connections it uses besides those of its places and entities.
    QStringList services{};

    /// All connections, each once.
    QStringList connections() const;
};

/// The connections on which a task uses its role's key, and what people call their system.
struct RoleNeed {
    QString system{};
    QStringList connections{};
};

struct TaskTraits {
    /// What people call a task of this kind: "Luigi task"; empty: by the kind's name.
    QString title{};
    /// What it stores is noted in the manifest of its run, under the fence of its attempt; a later attempt
    /// keeps what is noted.
    bool keepsManifest{false};
    /// Nothing runs it: it ends when a person approves it.
    bool asksAPerson{false};
    /// A line of its log is progress.
    bool logIsProgress{false};
    /// It changes nothing where it looks.
    bool onlyReads{false};
    /// Who tells what its attempts wait for; empty: the move worker.
    QString reporter{};
};

/// The flow around a task, for a kind that checks one against the others.
class FlowView {
public:
    virtual ~FlowView() = default;
    /// Null if the flow has no such task.
    virtual const model::TaskSpec* task(const QString& name) const = 0;
    /// Whether `task` needs `before`, directly or through others.
    virtual bool needs(const QString& task, const QString& before) const = 0;
};

/// What a task of one kind is: how its body is read from a flow file, what it touches, how it behaves. What
/// runs it is an Executor, registered under the kind's name.
/// @thread any; without state
class TaskKind {
public:
    /// `name` is the key in flow files and the word in the store and on the wire; none of needs, role and
    /// stallAfter.
    TaskKind(QString name, TaskTraits traits) : m_name(std::move(name)), m_traits(traits) {}
    TaskKind(const TaskKind&) = delete;
    TaskKind& operator=(const TaskKind&) = delete;
    virtual ~TaskKind() = default;

    const QString& name() const { return m_name; }
    const TaskTraits& traits() const { return m_traits; }

    using Body = std::shared_ptr<const model::TaskBody>;
    /// The body of a task; every mistake is a problem at its place.
    virtual Body read(const yaml::Value& value, const FlowContext& context) const = 0;
    /// What a body's toJson() made.
    virtual Body fromJson(const QJsonObject& body) const = 0;
    /// What TaskSpec::toJson() made of a task of this kind.
    model::TaskSpec specFromJson(const QJsonObject& json) const;
    /// Once all tasks of the flow are read; mistakes are problems of `at`, the task.
    virtual void check(const model::TaskSpec& spec, const FlowView& flow, const yaml::Value& at) const;
    /// Why this version cannot work with a stored body; empty if it can.
    virtual QString unreadable(const QJsonObject& body) const;
    virtual RoleNeed roleNeed(const model::TaskSpec& spec) const;
    /// The task of the same run that it is about, by name; empty for none.
    virtual QString subject(const model::TaskSpec& spec) const;
    /// @param subject the task it is about; without a name for none
    virtual Touches touches(const model::TaskSpec& spec, const model::TaskSpec& subject) const = 0;
    /// Members of its row in topic `tasks` that say what it does: of from, to, how, message those it has.
    virtual QJsonObject words(const model::TaskSpec& spec) const = 0;

private:
    QString m_name;
    TaskTraits m_traits;
};

/// The kinds of task there are, in the order in which they are named to people. Cheap to copy.
class TaskKinds {
public:
    TaskKinds() = default;
    /// Names must differ.
    explicit TaskKinds(QList<std::shared_ptr<const TaskKind>> kinds) : m_kinds(std::move(kinds)) {}

    QStringList names() const;
    /// Null if there is no such kind.
    const TaskKind* find(const QString& name) const;
    /// By its place in names().
    const TaskKind& at(int index) const { return *m_kinds[index]; }

private:
    QList<std::shared_ptr<const TaskKind>> m_kinds{};
};

}  // namespace sluice::flow
