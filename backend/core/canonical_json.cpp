#include "core/canonical_json.h"

#include <QtCore/QCryptographicHash>
#include <QtCore/QJsonArray>
#include <QtCore/QStringList>
#include <algorithm>
#include <cmath>

namespace sluice {
namespace {

void writeString(QByteArray& out, const QString& text)
{
    static const char* kHex = "0123456789abcdef";
    out += '"';
    const QByteArray utf8 = text.toUtf8();
    for (const char c : utf8) {
        const auto u = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (u < 0x20) {
                    out += "\\u00";
                    out += kHex[u >> 4];
                    out += kHex[u & 15];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void writeValue(QByteArray& out, const QJsonValue& value);

void writeObject(QByteArray& out, const QJsonObject& object)
{
    QStringList keys = object.keys();
    std::sort(keys.begin(), keys.end());
    out += '{';
    bool first = true;
    for (const QString& key : keys) {
        if (!first) {
            out += ',';
        }
        first = false;
        writeString(out, key);
        out += ':';
        writeValue(out, object.value(key));
    }
    out += '}';
}

void writeValue(QByteArray& out, const QJsonValue& value)
{
    switch (value.type()) {
        case QJsonValue::Bool:
            out += value.toBool() ? "true" : "false";
            break;
        case QJsonValue::Double:
            // A fraction has no one spelling; callers round first, and what slips through is cut, never
            // guessed.
            out += QByteArray::number(static_cast<qint64>(std::trunc(value.toDouble())));
            break;
        case QJsonValue::String:
            writeString(out, value.toString());
            break;
        case QJsonValue::Array: {
            out += '[';
            bool first = true;
            for (const QJsonValue& item : value.toArray()) {
                if (!first) {
                    out += ',';
                }
                first = false;
                writeValue(out, item);
            }
            out += ']';
            break;
        }
        case QJsonValue::Object:
            writeObject(out, value.toObject());
            break;
        default:
            out += "null";
    }
}

}  // namespace

QByteArray canonicalJson(const QJsonObject& object)
{
    QByteArray out;
    writeObject(out, object);
    return out;
}

QString sha256Of(const QByteArray& bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

QString sha256Of(const QJsonObject& object)
{
    return sha256Of(canonicalJson(object));
}

}  // namespace sluice
