#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <optional>

namespace sluice::diagnosis {

/// One observed entity, as in the estate. `observedAtMs` is wall clock in milliseconds since the epoch.
struct Fact {
    QString id{};
    QString connection{};
    QString kind{};
    QString name{};
    QString source{};
    qint64 observedAtMs{};
    QJsonObject facts{};
};

/// Read-only view of what was observed. An id is "<connection>/<kind>/<name>".
class FactSource {
public:
    virtual ~FactSource() = default;
    virtual std::optional<Fact> fact(const QString& id) const = 0;
    /// All facts of one kind. An empty connection means every connection. Any order.
    virtual QList<Fact> ofKind(const QString& connection, const QString& kind) const = 0;
    /// How old a fact of that connection may be as evidence, in milliseconds: kFreshMs or more.
    virtual qint64 freshMs(const QString& connection) const;
};

/// A fact is evidence only while it is this young; an older one makes a verdict unknown.
inline constexpr qint64 kFreshMs = 15'000;

/// Younger than `freshMs`, and not from the future by more than the clocks of two machines may differ (5 s).
bool isFresh(qint64 observedAtMs, qint64 nowMs, qint64 freshMs = kFreshMs);

}  // namespace sluice::diagnosis
