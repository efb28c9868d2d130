#pragma once

#include <QtCore/QCoreApplication>

#include "ui/shell/find_source.h"

namespace sluice::session {
class Session;
}

namespace sluice::pages {

/// What the find field leads to: pages, cases, runs, tasks of runs in progress, connections, OSDs, Ceph
/// pools, roles, and two things to do.
class FindIndex final : public shell::FindSource {
    Q_DECLARE_TR_FUNCTIONS(FindIndex)

public:
    /// Outlives the index.
    explicit FindIndex(session::Session& session) : m_session(session) {}
    QList<shell::FindHit> find(const QString& text, int limit) const override;

private:
    QList<shell::FindHit> all() const;
    void addRuns(QList<shell::FindHit>& hits) const;
    void addEstate(QList<shell::FindHit>& hits) const;

    session::Session& m_session;
};

}  // namespace sluice::pages
