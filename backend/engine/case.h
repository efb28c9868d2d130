#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <map>

namespace sluice::engine {

/// One stop, from found to closed: of one run, or of all that one cause holds up.
struct Case {
    qint64 number{};
    QString id{};
    QString run{};  // one of `runs`: the one that speaks for the case
    QStringList runs{};
    QStringList tasks{};
    QString title{};
    QString phase{"found"};
    qint64 openedAtMs{};
    qint64 closedAtMs{};
    qint64 lookedAtMs{};
    QJsonObject diagnosis{};               // of the run that speaks for the case
    std::map<QString, QJsonObject> own{};  // what was last found out about each run, the same shape
    QList<QJsonObject> timeline{};

    /// What is broken for its runs, without `but`: see diagnosis::outageOf().
    QStringList outage(const QString& but = {}) const;
    QStringList tasksOf(const QString& run) const;
    QJsonObject toJson() const;
    static Case fromJson(const QJsonObject& json);
};

}  // namespace sluice::engine
