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
/// Only fresh evidence opens a case, or ends it; one that ended is watched for a minute before it closes, and
/// what breaks again meanwhile is the same case.
/// @thread main loop only
class OutageWatch final : public QObject {
    Q_OBJECT

public:
    OutageWatch(const diagnosis::RuleBook& rules, const estate::Estate& estate, flow::FlowEngine& flow,
                CaseBook& cases, const Clock& clock, QObject* parent = nullptr);

    /// Looks every second from now on.
    void start();
    void look();

private:
    struct Seen {
        qint64 brokenSinceMs{-1};  ///< all three: monotonic; -1: it is not so
        qint64 toldAtMs{-1};
        qint64 goneSinceMs{-1};
    };
    void broken(const QString& subject, const diagnosis::Standing& told);
    /// `why`: what is seen instead.
    void over(const QString& subject, const QString& why);
    /// Cases of what no rule tells anything of any more, e.g. a Ceph pool that was removed.
    void lookForGone(const QSet<QString>& told);

    const diagnosis::RuleBook& m_rules;
    EstateFacts m_facts;
    CaseBook& m_cases;
    const Clock& m_clock;
    QHash<QString, Seen> m_seen{};  // by subject
    CaseWatch m_quiet;
    QTimer m_timer{};
};

}  // namespace sluice::engine
