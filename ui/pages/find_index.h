#pragma once

#include <QtCore/QCoreApplication>

#include "ui/shell/find_source.h"

namespace sluice::session {
class Session;
}

namespace sluice::pages {

struct SystemView;

/// What the find field leads to: pages, cases, runs, tasks of runs in progress, connections, what
/// the systems have to be found, roles, and two things to do.
class FindIndex final : public shell::FindSource {
    Q_DECLARE_TR_FUNCTIONS(FindIndex)

public:
    /// Both outlive the index.
    FindIndex(session::Session& session, const QList<SystemView>& systems)
        : m_session(session), m_systems(systems)
    {
    }
    QList<shell::FindHit> find(const QString& text, int limit) const override;

private:
    QList<shell::FindHit> all() const;
    void addRuns(QList<shell::FindHit>& hits) const;
    void addEstate(QList<shell::FindHit>& hits) const;

    session::Session& m_session;
    const QList<SystemView>& m_systems;
};

}  // namespace sluice::pages
