#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "diagnosis/rule.h"
#include "engine/case_book.h"
#include "engine/case_watch.h"
#include "engine/estate_facts.h"

namespace sluice::engine {

/// Keeps a case of what is broken although no run waits for it, by what the rules tell from observed facts.
/// Only fresh evidence opens a case, seen twice, or ends it; one that ended is watched for a minute before it
/// closes, and what breaks again meanwhile is the same case.
/// @thread main loop only
class OutageWatch final : public QObject {
    Q_OBJECT

public:
    /// @param connections names of those that are configured
    OutageWatch(const diagnosis::RuleBook& rules, const estate::Estate& estate, flow::FlowEngine& flow,
                CaseBook& cases, QSet<QString> connections, const Clock& clock, QObject* parent = nullptr);

    /// Looks every second from now on. The cases of connections that are not configured any more are closed.
    void start();
    void look();

private:
    struct Seen {
        qint64 brokenSinceMs{-1};  ///< all that end in SinceMs, and toldAtMs: monotonic; -1: it is not so
        qint64 toldAtMs{-1};
        qint64 goneSinceMs{-1};
        qint64 firstEvidenceMs{};  ///< wall clock: when it was observed to be broken first
    };
    void closeUnwatched();
    void broken(const QString& subject, const diagnosis::Standing& told);
    /// `why`: what is seen instead.
    void over(const QString& subject, const QString& why);
    /// Cases of what no rule tells anything of any more, e.g. a Ceph pool that was removed.
    void lookForGone(const QSet<QString>& told);

    const diagnosis::RuleBook& m_rules;
    EstateFacts m_facts;
    CaseBook& m_cases;
    QSet<QString> m_connections;
    const Clock& m_clock;
    QHash<QString, Seen> m_seen{};  // by subject
    CaseWatch m_quiet;
    QTimer m_timer{};
};

}  // namespace sluice::engine
