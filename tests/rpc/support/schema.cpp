#include "support/schema.h"

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <cmath>

namespace sluice::test {
namespace {

bool hasType(const QJsonValue& value, const QString& type)
{
    switch (value.type()) {
        case QJsonValue::Null:
            return type == "null";
        case QJsonValue::Bool:
            return type == "boolean";
        case QJsonValue::Double:
            return type == "number" ||
                   (type == "integer" && std::trunc(value.toDouble()) == value.toDouble());
        case QJsonValue::String:
            return type == "string";
        case QJsonValue::Array:
            return type == "array";
        case QJsonValue::Object:
            return type == "object";
        default:
            return false;
    }
}

bool typeAllowed(const QJsonValue& types, const QJsonValue& value)
{
    if (types.isString()) {
        return hasType(value, types.toString());
    }
    for (const QJsonValue& type : types.toArray()) {
        if (hasType(value, type.toString())) {
            return true;
        }
    }
    return false;
}

}  // namespace

Schema::Schema(const QString& file)
{
    QFile in(QStringLiteral(SLUICE_SCHEMA_DIR "/") + file);
    if (in.open(QIODevice::ReadOnly)) {
        m_root = QJsonDocument::fromJson(in.readAll()).object();
    }
}

QStringList Schema::definitions() const
{
    return m_root["definitions"].toObject().keys();
}

QStringList Schema::problems(const QString& definition, const QJsonValue& value) const
{
    return check({{"$ref", "#/definitions/" + definition}}, value, definition);
}

QStringList Schema::checkOneOf(const QJsonObject& schema, const QJsonValue& value, const QString& where) const
{
    const bool one = schema.contains("oneOf");
    const QJsonArray choices = schema[one ? "oneOf" : "anyOf"].toArray();
    QStringList all;
    int right = 0;
    for (const QJsonValue& choice : choices) {
        const QStringList wrong = check(choice.toObject(), value, where);
        right += wrong.isEmpty() ? 1 : 0;
        all += wrong;
    }
    if (right == 0) {
        return QStringList{where + ": none of the choices fits"} + all;
    }
    return one && right > 1 ? QStringList{where + ": more than one choice fits"} : QStringList();
}

QStringList Schema::check(const QJsonObject& schema, const QJsonValue& value, const QString& where) const
{
    QStringList out;
    for (auto it = schema.begin(); it != schema.end(); ++it) {
        const QString key = it.key();
        const QJsonValue rule = it.value();
        if (key == "$ref") {
            const QString name = rule.toString().section('/', -1);
            const QJsonObject definitions = m_root["definitions"].toObject();
            out += definitions.contains(name) ? check(definitions[name].toObject(), value, where)
                                              : QStringList{where + ": no definition " + name};
        } else if (key == "type") {
            out += typeAllowed(rule, value) ? QStringList() : QStringList{where + ": wrong type"};
        } else if (key == "const") {
            out += rule == value ? QStringList() : QStringList{where + ": not the one value"};
        } else if (key == "enum") {
            out += rule.toArray().contains(value) ? QStringList()
                                                  : QStringList{where + ": not one of the values"};
        } else if (key == "required") {
            for (const QJsonValue& name : rule.toArray()) {
                if (value.isObject() && !value.toObject().contains(name.toString())) {
                    out += where + ": no " + name.toString();
                }
            }
        } else if (key == "properties") {
            const QJsonObject object = value.toObject();
            const QJsonObject rules = rule.toObject();
            for (auto member = rules.begin(); member != rules.end(); ++member) {
                if (object.contains(member.key())) {
                    out += check(member->toObject(), object[member.key()], where + '.' + member.key());
                }
            }
        } else if (key == "items") {
            const QJsonArray items = value.toArray();
            for (qsizetype i = 0; i < items.size(); ++i) {
                out += check(rule.toObject(), items[i], QStringLiteral("%1[%2]").arg(where).arg(i));
            }
        } else if (key == "pattern") {
            if (value.isString() && !QRegularExpression(rule.toString()).match(value.toString()).hasMatch()) {
                out += where + ": does not look like " + rule.toString();
            }
        } else if (key == "minLength") {
            out += value.isString() && value.toString().size() < rule.toInt()
                       ? QStringList{where + ": too short"}
                       : QStringList();
        } else if (key == "minimum") {
            out += value.isDouble() && value.toDouble() < rule.toDouble() ? QStringList{where + ": too small"}
                                                                          : QStringList();
        } else if (key == "oneOf" || key == "anyOf") {
            out += checkOneOf(schema, value, where);
        } else if (key != "$schema" && key != "$id" && key != "title" && key != "definitions") {
            out += where + ": unknown keyword " + key;
        }
    }
    return out;
}

}  // namespace sluice::test
