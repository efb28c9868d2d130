#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QMap>
#include <QtCore/QStringList>
#include <functional>

namespace sluice::ctl {

class Context;

/// What the engine's table says of the kinds of entities; empty of an engine that has none.
class EntityKinds {
public:
    EntityKinds() = default;
    /// @param answer of estate.kinds
    explicit EntityKinds(const QJsonObject& answer);

    QStringList names() const { return m_kinds.keys(); }
    /// Worth a table; false of a kind that is not known.
    bool isListed(const QString& kind) const;
    /// Heads of the columns.
    QStringList titles(const QString& kind) const;
    /// What stands in them.
    QStringList cells(const QString& kind, const QJsonObject& facts) const;
    /// Both in a line: "Status RUNNING, Worker w1".
    QString line(const QString& kind, const QJsonObject& facts) const;

private:
    QList<QJsonObject> columns(const QString& kind) const;

    QMap<QString, QJsonObject> m_kinds{};
};

/// Asks the engine for its table.
void readKinds(Context& context, std::function<void(const EntityKinds&)> then);

}  // namespace sluice::ctl
