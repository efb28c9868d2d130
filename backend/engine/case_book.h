#pragma once

#include <QtCore/QHash>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "core/live_topic.h"
#include "diagnosis/diagnose.h"
#include "engine/case.h"
#include "store/migration.h"

namespace sluice::store {
class Database;
}

namespace sluice::engine {

/// The cases, open and closed. Topic `cases`: open first, newest first. Kept in the state database; of the
/// closed ones the newest 500. Phases: found → cause named → decide → carry out → verify → closed.
/// @thread main loop only
class CaseBook final : public LiveTopic {
    Q_OBJECT

public:
    static store::PartSchema schema();

    CaseBook(store::Database& database, const Clock& clock, QObject* parent = nullptr);
    ~CaseBook() override;
    /// Blocking; at start only.
    Result<void> load();

    /// The open case of a run, or null.
    const Case* openCaseOf(const QString& run) const;
    /// The case of that id if it is open, or null.
    const Case* openCase(const QString& id) const;
    /// Opens a case, or adds the task to the run's open one.
    /// @param found what is known about the run already: then it joins the open case of the same outage
    /// @return its id
    QString openOrJoin(const QString& run, const QString& taskId, const QString& taskName,
                       bool failed = false, const diagnosis::Diagnosis* found = nullptr);
    /// What was found out about one run of the case. One outage is one case: the run moves to the open case
    /// of the same outage, and out of a case whose other runs suffer from another one.
    /// @param leadsCase its diagnosis is the case's
    /// @return id of the case the run is in
    QString diagnosed(const QString& id, const QString& run, const diagnosis::Diagnosis& diagnosis,
                      bool leadsCase);
    /// What is seen to be broken, without a run that tells of it: the open case of that outage, or a new one.
    /// @return its id
    QString openStanding(const diagnosis::Diagnosis& diagnosis);
    /// Its subject is well again. A case that no run stands in goes to the phase verify.
    void endStanding(const QString& id, const QString& remark);
    /// The open case of something that was seen to be broken, or null.
    const Case* openCaseAbout(const QString& subject) const;
    /// Later phases only; going back to an earlier one is for a reset that failed.
    void setPhase(const QString& id, const QString& phase, const QString& remark);
    void close(const QString& id, const QString& remark);
    /// Takes a run and its tasks out of an open case that others keep open.
    void detachRun(const QString& id, const QString& run, const QString& remark);
    /// At start: what was being carried out or verified when the engine ended has to be found again, unless
    /// the run is one of `carriedOn`.
    void reopenInterrupted(const QStringList& carriedOn);
    /// A line in the timeline of an open case.
    void remark(const QString& id, const QString& text);
    QStringList openIds() const;
    int openCount() const;

    QString name() const override { return QStringLiteral("cases"); }
    QStringList ids() const override;
    QJsonObject row(const QString& id) const override;
    /// A filter {run} means any of the case's runs.
    bool matches(const QString& id, const QJsonObject& filter) const override;
    /// The row as one of its runs sees it: with that run's own findings.
    QJsonObject rowOf(const QString& id, const QString& run) const;

Q_SIGNALS:
    /// The run is in that open case from now on.
    void runPlaced(const QString& run, const QString& caseId);

private:
    Case* find(const QString& id);
    /// At once; a case of many runs or tasks a few times a second.
    void save(const Case& item);
    void write(const Case& item);
    void writeDue();
    void addRun(Case& item, const QString& run);
    void prune();
    void index(const Case& item);
    /// Without a run it is not saved yet.
    QString open(const QString& run, const QStringList& tasks, const QString& title, const QString& remark);
    /// Another open case of that outage, whose cause is not being mended yet; null without one.
    Case* ofOutage(const QStringList& outage, const QString& but);
    void leadWith(Case& item, const diagnosis::Diagnosis& diagnosis);
    /// @return id of the case the run is in then
    QString place(Case& item, const QString& run);
    void moveTo(Case& target, Case& from, const QString& run);
    void addToTimeline(Case& item, const QString& text, const QString& code = {}, const QString& rule = {});

    store::Database& m_database;
    const Clock& m_clock;
    std::map<qint64, Case> m_cases{};
    QHash<QString, qint64> m_openOf{};  // by run
    QSet<QString> m_due{};              // to be written
    QTimer m_writing{};
};

}  // namespace sluice::engine
