#include "key_text.h"

#include <QtCore/QJsonArray>

#include "table.h"
#include "words.h"

namespace sluice::ctl {

QString rolesText(const QList<QJsonObject>& roles, Style style, qint64 nowMs)
{
    if (roles.isEmpty()) {
        return QStringLiteral("No roles are configured.\n");
    }
    const bool screen = style == Style::Screen;
    Table table(screen ? QStringList{"ROLE", "CONNECTION", "GENERATION", "ENTITY", "STATE", "AGE",
                                     "FIRST USE", "HOLDERS"}
                       : QStringList{});
    QString rotations;
    for (const QJsonObject& role : roles) {
        const QString name = role["role"].toString();
        const QJsonArray generations = role["generations"].toArray();
        if (generations.isEmpty()) {
            table.add({name, role["connection"].toString(), QStringLiteral("-"), role["entity"].toString(),
                       QStringLiteral("no key yet")});
        }
        for (const QJsonValue& value : generations) {
            const QJsonObject generation = value.toObject();
            QStringList cells{name, role["connection"].toString(),
                              QString::number(generation["generation"].toInt()),
                              generation["entity"].toString(), generation["state"].toString()};
            if (screen) {
                cells += {since(generation["createdAt"].toString(), nowMs),
                          ago(generation["firstUseAt"].toString(), nowMs),
                          QString::number(generation["holders"].toInt())};
            }
            table.add(cells);
        }
        const QJsonObject rotation = role["rotation"].toObject();
        if (rotation.isEmpty()) {
            continue;
        }
        const int from = rotation["from"].toInt();
        const QString what = from > 0 ? QStringLiteral("Rotation of %1, generation %2 to").arg(name).arg(from)
                                      : QStringLiteral("First key of %1, generation").arg(name);
        rotations += QStringLiteral("\n%1 %2: %3\n")
                         .arg(what)
                         .arg(rotation["to"].toInt())
                         .arg(rotation["state"].toString());
        for (const QJsonValue& value : rotation["steps"].toArray()) {
            const QJsonObject step = value.toObject();
            const QString detail = step["detail"].toString();
            rotations += QStringLiteral("  %1  %2%3\n")
                             .arg(step["state"].toString().leftJustified(7), step["title"].toString(),
                                  detail.isEmpty() ? QString() : QStringLiteral(": ") + detail);
        }
    }
    return table.text() + rotations;
}

}  // namespace sluice::ctl
