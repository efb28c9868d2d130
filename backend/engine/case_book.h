#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "core/live_topic.h"
#include "diagnosis/diagnose.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// One stop, from found to closed: of one run, or of all that one cause holds up.
struct Case {
    qint64 number{};
    QString id{};
    QString run{};  // the first of `runs`
    QStringList runs{};
    QStringList tasks{};
    QString title{};
    QString phase{"found"};
    qint64 openedAtMs{};
    qint64 closedAtMs{};
    qint64 lookedAtMs{};
    QJsonObject diagnosis{};
    QList<QJsonObject> timeline{};

    /// Rule and subject of a confirmed cause that other runs meet too: a Ceph pool, a cluster. Else empty.
    QString sharedCause() const;
    QJsonObject toJson() const;
    static Case fromJson(const QJsonObject& json);
};

/// The cases, open and closed. Topic `cases`: open first, newest first. Kept in the state database; of the closed ones
/// the newest 500.
/// Phases: found → cause named → decide → carry out → verify → closed.
/// @thread main loop only
class CaseBook final : public LiveTopic {
    Q_OBJECT

public:
    static QStringList schema();

    CaseBook(store::Database& database, const Clock& clock, QObject* parent = nullptr);
    /// Blocking; at start only.
    Result<void> load();

    /// The open case of a run, or null.
    const Case* openCaseOf(const QString& run) const;
    /// The case of that id if it is open, or null.
    const Case* openCase(const QString& id) const;
    /// Opens a case, or adds the task to the run's open one. @return its id
    QString found(const QString& run, const QString& taskId, const QString& taskName, bool failed = false);
    /// One outage is one case: if an older open one has the same shared cause, this one becomes part of it.
    /// @return id of the case that goes on
    QString diagnosed(const QString& id, const diagnosis::Diagnosis& diagnosis);
    /// Later phases only; going back to an earlier one is for a reset that failed.
    void setPhase(const QString& id, const QString& phase, const QString& remark);
    void close(const QString& id, const QString& remark);
    /// Takes a run and its tasks out of an open case that others keep open.
    void drop(const QString& id, const QString& run, const QString& remark);
    /// At start: what was being carried out or verified when the engine ended has to be found again, unless the run
    /// is one of `carriedOn`.
    void foundAgain(const QStringList& carriedOn);
    QStringList openIds() const;
    int openCount() const;

    QString name() const override { return QStringLiteral("cases"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;
    /// A filter {run} means any of the case's runs.
    bool matches(const QString& id, const QJsonObject& filter) const override;

private:
    Case* find(const QString& id);
    void save(const Case& item);
    void prune();
    Case* olderOfSameCause(const Case& item);
    void tell(Case& item, const QString& text);

    store::Database& m_database;
    const Clock& m_clock;
    std::map<qint64, Case> m_cases{};
};

}  // namespace sluice::engine
