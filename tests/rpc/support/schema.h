#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

namespace sluice::test {

/// Checks values against a JSON Schema, as much of draft 07 as resources/schemas/ uses: type, const, enum,
/// required, properties, items, pattern, minLength, minimum, oneOf, anyOf and $ref within the file. An
/// unknown keyword is a problem, so that no schema is weaker than it reads.
class Schema {
public:
    /// From resources/schemas/.
    explicit Schema(const QString& file);

    /// @return nothing if `value` is right; else where and why not.
    QStringList problems(const QJsonValue& value) const { return check(m_root, value, QString()); }
    QStringList problems(const QString& definition, const QJsonValue& value) const;
    QStringList definitions() const;

private:
    QStringList check(const QJsonObject& schema, const QJsonValue& value, const QString& where) const;
    QStringList checkOneOf(const QJsonObject& schema, const QJsonValue& value, const QString& where) const;

    QJsonObject m_root;
};

}  // namespace sluice::test
