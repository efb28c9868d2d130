#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>

namespace sluice::engine {

/// What the chain was before it was mended: the task says what is seen of it now, and nothing else is told as
/// of now.
inline QJsonArray chainOfThen(QJsonArray chain, const QString& remark)
{
    const QString was = QStringLiteral("was: ");
    for (qsizetype i = 0; i < chain.size(); ++i) {
        QJsonObject link = chain[i].toObject();
        QJsonArray lines;
        if (link["kind"] == QLatin1String("task")) {
            lines = {link["lines"].toArray().first(), remark};
        } else {
            for (const QJsonValue& line : link["lines"].toArray()) {
                lines.append(line.toString().startsWith(was) ? line.toString() : was + line.toString());
            }
        }
        link["lines"] = lines;
        link["tone"] = QStringLiteral("neutral");
        chain[i] = link;
    }
    return chain;
}

}  // namespace sluice::engine
