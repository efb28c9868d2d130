#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <map>

namespace sluice::estate {

/// What the value of a field is. A field may always be absent or null: not known. A Time is RFC 3339 in UTC
/// or empty, Words are an array of texts, an Error is Error::toJson(). Tally: what is counted by name.
enum class FieldType {
    Text,
    Flag,
    Count,
    Number,
    Bytes,
    Milliseconds,
    Time,
    Words,
    List,
    Object,
    Tally,
    Error
};

/// One field of the facts of a kind.
struct EntityField {
    QString key{};
    FieldType type{};
    /// One plain sentence without a full stop.
    QString meaning{};
    /// Of its column; empty: it has none.
    QString title{};
    /// Of a Number.
    QString unit{};
};

/// How a value of the field `EntityKind::state` is to be taken.
struct EntityState {
    QString word{};
    /// ok, progress, neutral, warn, crit
    QString tone{};
    QString meaning{};
};

/// One kind of thing that a system has: what its facts look like and how a client without a drawing of its
/// own shows it. Plain data: a row of a table.
struct EntityKind {
    QString kind{};
    QString system{};
    /// Of one and of many, as a title: "OSD", "OSDs".
    QString one{};
    QString many{};
    QString meaning{};
    /// Read again and again as a whole, so that a table of it is worth looking at; false: evidence that is
    /// asked for when it is needed, or the engine's own words.
    bool listed{};
    QList<EntityField> fields{};
    /// Key of the field that is its state, and the words it may say; others are shown without a tone.
    QString state{};
    QList<EntityState> states{};
};

QString toString(FieldType type);

/// The kinds of all systems of one engine. What a client, a document or a test knows of facts comes from
/// here; facts that no row declares are kept and passed on.
class EntityKinds {
public:
    /// Rows of one system. A row of a kind that is there adds its fields to it.
    /// A key that comes twice is a programming error and ends the program.
    void add(const QList<EntityKind>& rows);

    /// @return nullptr if there is no row; valid until the next add().
    const EntityKind* find(const QString& kind) const;
    /// In order of kind.
    QStringList names() const;

    /// Declared fields of which the value has another type, each with what was expected; fields without a
    /// row, and kinds without one, are none.
    QStringList mistakes(const QString& kind, const QJsonObject& facts) const;

    /// Shape: [{kind, system, title: {one, many}, meaning, listed, fields: [{key, type, meaning, title?,
    /// unit?}], state?, states?: [{word, tone, meaning}]}]
    QJsonArray toJson() const;
    /// The section of the protocol document.
    QString toMarkdown() const;

private:
    std::map<QString, EntityKind> m_kinds{};
};

/// Rows of what the engine itself says of every connection.
QList<EntityKind> generalKinds();

}  // namespace sluice::estate
