#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QStringList>
#include <map>

namespace sluice::engine {

/// What was last found out about one run of a case: the members of a case row that Diagnosis::toJson() gives.
struct OwnFindings {
    QJsonObject found{};
    QStringList outage{};  ///< what is broken for it: see diagnosis::outageOf()

    OwnFindings() = default;
    explicit OwnFindings(const QJsonObject& findings);
};

/// No run has this id.
inline const QString kOfSubject = QStringLiteral("subject");

/// One stop, from found to closed: of one run, of all that one cause holds up, or of no run yet, while
/// something is seen to be broken.
struct Case {
    qint64 number{};
    QString id{};
    QString run{};  // one of `runs`: the one that speaks for the case; empty: none does
    QStringList runs{};
    QString subject{};  // id of what was seen to be broken without a run; empty: a run told of it
    QStringList tasks{};
    QString title{};
    QString phase{"found"};
    qint64 openedAtMs{};
    qint64 closedAtMs{};
    qint64 lookedAtMs{};
    QJsonObject diagnosis{};               // of the run that speaks for the case
    std::map<QString, OwnFindings> own{};  // by run; under kOfSubject what is seen without one
    QList<QJsonObject> timeline{};

    /// Its subject is broken now, as far as is known.
    bool stands() const { return own.contains(kOfSubject); }
    /// Nobody is mending the cause yet.
    bool isEarly() const;
    /// Whether something is known to be broken for a run of it other than `but`.
    bool hasOutage(const QString& but) const;
    /// Whether one of these is what is broken for a run of it other than `but`.
    bool sharesOutage(const QStringList& outage, const QString& but = {}) const;
    /// An outage may stall a thousand runs: of one that is over, the findings of the first are kept.
    void forgetMost();
    QStringList tasksOf(const QString& run) const;
    QJsonObject toJson() const;
    static Case fromJson(const QJsonObject& json);
};

}  // namespace sluice::engine
