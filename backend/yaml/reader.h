#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>

#include "core/error.h"

namespace YAML {
class Node;
}

namespace sluice::yaml {

/// One mistake in a file a person wrote. Lines and columns count from 1.
struct Problem {
    QString file{};
    int line{1};
    int column{1};
    QString message{};
    QString expected{};

    QJsonObject toJson() const;
    /// "file:line:column: message (expected …)"
    QString toLine() const;
};

class Value;

/// A map of a YAML file that remembers what was asked for, so that a misspelt key is found.
/// Every accessor records a Problem at the value's own place instead of failing.
class Map {
public:
    using Each = std::function<void(const QString& key, const Value& value)>;

    bool has(const QString& key) const;
    /// The value of a key; a missing required key is a Problem at the map's place, and the value is then
    /// absent.
    Value required(const QString& key, const QString& expected) const;
    Value optional(const QString& key) const;
    /// Visits keys in file order; a key written twice is a Problem.
    void each(const Each& visit) const;
    /// Records a Problem for every key that nobody asked for; `known` says what may stand here.
    void refuseOthers(const QStringList& known) const;
    void problem(const QString& message, const QString& expected = {}) const;

private:
    friend class Document;
    friend class Value;
    struct State;
    explicit Map(std::shared_ptr<State> state) : m(std::move(state)) {}
    std::shared_ptr<State> m;
};

/// One value; absent values answer with the default and record nothing.
class Value {
public:
    bool present() const;
    QString text(const QString& fallback = {}) const;
    /// One of `allowed`, else a Problem.
    QString oneOf(const QStringList& allowed, const QString& fallback) const;
    bool flag(bool fallback) const;
    qint64 integer(qint64 min, qint64 max, qint64 fallback) const;
    /// "10s", "5m" …, in milliseconds.
    qint64 duration(qint64 fallback) const;
    QStringList list() const;
    /// Absent or not a map: an empty map (the latter is a Problem).
    Map map(const QString& expected) const;
    bool isMap() const;
    void problem(const QString& message, const QString& expected = {}) const;

private:
    friend class Map;
    struct State;
    explicit Value(std::shared_ptr<State> state) : m(std::move(state)) {}
    std::shared_ptr<State> m;
};

/// A YAML text with the problems found in it.
class Document {
public:
    /// Never fails: a text that is no YAML, or whose top is no map, has a Problem and an empty root.
    Document(const QString& text, const QString& file);
    Map root() const;
    const QList<Problem>& problems() const;
    /// All problems as one InvalidArgument error, or nothing.
    Result<void> verdict(const QString& what) const;

private:
    std::shared_ptr<QList<Problem>> m_problems;
    std::shared_ptr<Map::State> m_root;
};

}  // namespace sluice::yaml
