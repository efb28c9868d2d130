#pragma once

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include "core/clock.h"
#include "engine/case_book.h"
#include "flow/flow_engine.h"

namespace sluice::engine {

/// Closes a case that moves again: when a minute has passed without a new stall, or when its tasks are over.
/// One that stalls again meanwhile is found again, in the same case.
/// @thread main loop only
class CaseWatch final : public QObject {
    Q_OBJECT

public:
    static constexpr qint64 kQuietMs = 60'000;

    CaseWatch(flow::FlowEngine& flow, CaseBook& cases, const Clock& clock, QObject* parent = nullptr);

    /// The case is in the phase verify, and `remark` says what was seen.
    void begin(const QString& caseId, const QString& remark);
    bool watches(const QString& caseId) const { return m_watched.contains(caseId); }
    /// Whether somebody sees that it stays so. Until it is seen again the case does not close: the time
    /// between does not count, and after a minute of it the watch begins anew.
    void setSeen(const QString& caseId, bool seen);
    /// It looks by itself too, four times a second.
    void look();

private:
    struct Watched {
        qint64 sinceMs{};
        QString remark{};
        qint64 unseenSinceMs{-1};  ///< -1: it is seen
    };
    /// @return whether the case needs no more watching
    bool settled(const QString& caseId, const Watched& watched);

    flow::FlowEngine& m_flow;
    CaseBook& m_cases;
    const Clock& m_clock;
    QHash<QString, Watched> m_watched{};
    QTimer m_timer{};
};

}  // namespace sluice::engine
