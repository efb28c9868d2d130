#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <memory>

namespace sluice::model {

/// What only the kind of a task understands. See bodyOf().
class TaskBody {
public:
    virtual ~TaskBody() = default;
    virtual QJsonObject toJson() const = 0;
};

/// One task of a flow file: what every task has, and its body.
struct TaskSpec {
    QString name{};
    /// The word of flow files, of the store and of the wire.
    QString kind{};
    QStringList needs{};
    QString role{};
    qint64 stallAfterMs{30'000};
    std::shared_ptr<const TaskBody> body{};

    /// Shape: {name, kind, needs, role, stallAfterMs, body}
    QJsonObject toJson() const;
    /// Without its body. The kind is what the caller knows it to be, whatever word the text has for it.
    static TaskSpec fromJson(const QJsonObject& json, const QString& kind);
    /// The body in the text of a task; a text without one has the body's members beside its own.
    static QJsonObject bodyFrom(const QJsonObject& json);
};

/// Makes a body of a struct with `QJsonObject toJson() const`.
template <typename Struct>
std::shared_ptr<const TaskBody> makeBody(Struct value);
/// The struct that the body of `spec` was made of; an empty one if it was made of another.
template <typename Struct>
const Struct& bodyOf(const TaskSpec& spec);

/// A checked flow: names are unique, needs exist, there is no cycle.
struct Flow {
    QString name{};
    QList<TaskSpec> tasks{};
};

template <typename Struct>
class BodyOf final : public TaskBody {
public:
    explicit BodyOf(Struct made) : value(std::move(made)) {}
    QJsonObject toJson() const override { return value.toJson(); }
    const Struct value;
};

template <typename Struct>
std::shared_ptr<const TaskBody> makeBody(Struct value)
{
    return std::make_shared<const BodyOf<Struct>>(std::move(value));
}

template <typename Struct>
const Struct& bodyOf(const TaskSpec& spec)
{
    static const Struct kNone{};
    const auto* body = dynamic_cast<const BodyOf<Struct>*>(spec.body.get());
    return body ? body->value : kNone;
}

}  // namespace sluice::model
