#include "estate/entity_kind.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/clock.h"

namespace sluice::estate {
namespace {

struct TypeName {
    FieldType type;
    const char* name;
};

constexpr std::array kTypeNames{
    TypeName{FieldType::Text, "text"},   TypeName{FieldType::Flag, "flag"},
    TypeName{FieldType::Count, "count"}, TypeName{FieldType::Number, "number"},
    TypeName{FieldType::Bytes, "bytes"}, TypeName{FieldType::Milliseconds, "ms"},
    TypeName{FieldType::Time, "time"},   TypeName{FieldType::Words, "words"},
    TypeName{FieldType::List, "list"},   TypeName{FieldType::Object, "object"},
    TypeName{FieldType::Tally, "tally"}, TypeName{FieldType::Error, "error"},
};

bool isWhole(const QJsonValue& value)
{
    const double number = value.toDouble();
    return value.isDouble() && number >= 0 && number == std::floor(number);
}

bool isTally(const QJsonValue& value)
{
    const QJsonObject object = value.toObject();
    return value.isObject() &&
           std::all_of(object.begin(), object.end(), [](const QJsonValue& count) { return isWhole(count); });
}

bool isWords(const QJsonValue& value)
{
    const QJsonArray array = value.toArray();
    return value.isArray() &&
           std::all_of(array.begin(), array.end(), [](const QJsonValue& word) { return word.isString(); });
}

bool fits(FieldType type, const QJsonValue& value)
{
    switch (type) {
        case FieldType::Text:
            return value.isString();
        case FieldType::Flag:
            return value.isBool();
        case FieldType::Count:
        case FieldType::Bytes:
            return isWhole(value);
        case FieldType::Milliseconds:
            return value.isDouble() && value.toDouble() >= 0;
        case FieldType::Number:
            return value.isDouble();
        case FieldType::Time:
            return value.isString() && (value.toString().isEmpty() || fromRfc3339(value.toString()) > 0);
        case FieldType::Words:
            return isWords(value);
        case FieldType::List:
            return value.isArray();
        case FieldType::Object:
            return value.isObject();
        case FieldType::Tally:
            return isTally(value);
        case FieldType::Error:
            return value.isObject() && value[QLatin1String("message")].isString();
    }
    return false;
}

QJsonObject fieldJson(const EntityField& field)
{
    QJsonObject json{{"key", field.key}, {"type", toString(field.type)}, {"meaning", field.meaning}};
    if (!field.title.isEmpty()) {
        json["title"] = field.title;
    }
    if (!field.unit.isEmpty()) {
        json["unit"] = field.unit;
    }
    return json;
}

QString cell(QString text)
{
    return text.replace('\n', ' ').replace('|', QStringLiteral("\\|"));
}

}  // namespace

QString toString(FieldType type)
{
    for (const TypeName& known : kTypeNames) {
        if (known.type == type) {
            return QString::fromLatin1(known.name);
        }
    }
    return {};
}

void EntityKinds::add(const QList<EntityKind>& rows)
{
    for (const EntityKind& row : rows) {
        const auto [place, isNew] = m_kinds.try_emplace(row.kind, row);
        EntityKind& known = place->second;
        if (!isNew) {
            known.fields += row.fields;
        }
        QStringList keys;
        for (const EntityField& field : std::as_const(known.fields)) {
            if (keys.contains(field.key)) {
                qFatal("kind %s: a second row of field %s", qPrintable(row.kind), qPrintable(field.key));
            }
            keys.append(field.key);
        }
        if (!known.state.isEmpty() && !keys.contains(known.state)) {
            qFatal("kind %s: its state %s is no field", qPrintable(row.kind), qPrintable(known.state));
        }
    }
}

const EntityKind* EntityKinds::find(const QString& kind) const
{
    const auto it = m_kinds.find(kind);
    return it == m_kinds.end() ? nullptr : &it->second;
}

QStringList EntityKinds::names() const
{
    QStringList names;
    for (const auto& [kind, row] : m_kinds) {
        names.append(kind);
    }
    return names;
}

QStringList EntityKinds::mistakes(const QString& kind, const QJsonObject& facts) const
{
    QStringList wrong;
    const EntityKind* row = find(kind);
    for (const EntityField& field : row ? row->fields : QList<EntityField>()) {
        const QJsonValue value = facts.value(field.key);
        if (!value.isUndefined() && !value.isNull() && !fits(field.type, value)) {
            wrong.append(QStringLiteral("%1 of a %2 is no %3").arg(field.key, kind, toString(field.type)));
        }
    }
    return wrong;
}

QJsonArray EntityKinds::toJson() const
{
    QJsonArray kinds;
    for (const auto& [kind, row] : m_kinds) {
        QJsonArray fields;
        for (const EntityField& field : row.fields) {
            fields.append(fieldJson(field));
        }
        QJsonObject json{{"kind", kind},
                         {"system", row.system},
                         {"title", QJsonObject{{"one", row.one}, {"many", row.many}}},
                         {"meaning", row.meaning},
                         {"listed", row.listed},
                         {"fields", fields}};
        if (!row.state.isEmpty()) {
            QJsonArray states;
            for (const EntityState& state : row.states) {
                states.append(
                    QJsonObject{{"word", state.word}, {"tone", state.tone}, {"meaning", state.meaning}});
            }
            json["state"] = row.state;
            json["states"] = states;
        }
        kinds.append(json);
    }
    return kinds;
}

QString EntityKinds::toMarkdown() const
{
    QString out = QStringLiteral(
        "\n## Kinds of entities\n\nWhat `facts` of a row of topic `estate` holds, by kind. A field may be "
        "absent or null: it is not known.\nFields that stand in no row are kept and passed on. A client "
        "reads all this with `estate.kinds`.\n");
    for (const auto& [kind, row] : m_kinds) {
        out += QStringLiteral("\n### %1\n\n%2: %3\n\n| field | type | |\n|---|---|---|\n")
                   .arg(kind, row.many, row.meaning);
        for (const EntityField& field : row.fields) {
            const QString unit = field.unit.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(field.unit);
            out += QStringLiteral("| %1 | %2 | %3 |\n")
                       .arg(field.key, toString(field.type) + unit, cell(field.meaning));
        }
    }
    return out;
}

QList<EntityKind> generalKinds()
{
    using enum FieldType;
    return {
        {.kind = "connection",
         .system = "sluice",
         .one = "Connection",
         .many = "Connections",
         .meaning = "One system of the configuration as the engine reaches it.",
         .fields = {{"type", Text, "the system it belongs to", "Type"},
                    {"title", Text, "what people call that system"},
                    {"state", Text, "whether it is reached", "State"},
                    {"version", Text, "of the system, by its own words", "Version"},
                    {"lastContactAt", Time, "the newest answer", "Last contact"},
                    {"oldestFactAt", Time,
                     "of what is read again and again the oldest that is overdue, or the oldest if none is"},
                    {"oldestFactStaleAfterMs", Milliseconds, "the limit of that fact"},
                    {"staleAfterMs", Milliseconds, "the age from which its facts are old"},
                    {"canAct", Flag, "whether this engine may change something there, found by trying"},
                    {"whyNot", Text, "why it may not"},
                    {"error", Error, "why it is not reached"}},
         .state = "state",
         .states = {{"up", "ok", "it answers"},
                    {"degraded", "warn", "it answers in part"},
                    {"starting", "progress", "it was not asked yet"},
                    {"down", "crit", "it does not answer"}}},
        {.kind = "health",
         .system = "sluice",
         .one = "Health",
         .many = "Health",
         .meaning = "Three words of the engine about one connection, each {word, why}.",
         .fields = {{"availability", Object, "whether it can be read and written"},
                    {"redundancy", Object, "how many more failures it survives"},
                    {"posture", Object, "what should be fixed; count: how many"}}},
    };
}

}  // namespace sluice::estate
