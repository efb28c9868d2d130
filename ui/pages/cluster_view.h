#pragma once

#include <QtCore/QJsonObject>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"

class QSplitter;

namespace sluice::session {
class LiveRows;
class LiveTable;
}  // namespace sluice::session
namespace sluice::widgets {
class CodeBlock;
class NoteBar;
class OsdTiles;
class PgBar;
class QuorumRing;
class Section;
class StepList;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

class KindTables;
class TwoColumns;

/// One Ceph cluster: monitors, OSDs, placement groups, checks, Ceph pools, and what still works when the
/// monitors have no quorum. Sections whose facts are old are hatched and say since when.
class ClusterView final : public QWidget {
    Q_OBJECT

public:
    explicit ClusterView(const PageContext& context, QWidget* parent = nullptr);

    void setConnection(const QString& connection);
    /// @param caseRow the open case about this cluster's monitors; empty: none
    void refresh(const QJsonObject& caseRow);
    void tick();
    void setSearch(const QString& text);
    void focusMonitors();
    void focusOsds();
    void focusCephPools();

private:
    void buildLeft();
    void buildRight();
    widgets::TableView* table(session::LiveTable& model, const QString& name, widgets::Section* section);
    void refreshMonitors();
    void refreshOsds();
    void refreshPgs();
    void refreshWorks(const QJsonObject& caseRow);
    void refreshStale();
    QString hiddenPoolsText() const;
    qint64 staleSince(const QString& kind) const;
    QList<bool> staleKinds() const;
    /// Of the health checks; that there is none is also a fact that grows old.
    qint64 checksStaleSince() const;
    void refreshChecks();
    session::LiveTable* kindTable(const QString& kind);

    PageContext m_context;
    TwoColumns* m_columns{};
    QString m_connection{};
    QJsonObject m_caseRow{};
    /// Which kinds were old when they were drawn.
    QList<bool> m_drawnStale{};

    widgets::Section* m_monSection{};
    widgets::QuorumRing* m_ring{};
    session::LiveTable* m_mons{};
    widgets::TableView* m_monView{};
    widgets::TextLabel* m_monFoot{};
    widgets::NoteBar* m_belief{};
    widgets::NoteBar* m_caveat{};  ///< of how the lease is held
    widgets::Section* m_osdSection{};
    widgets::OsdTiles* m_tiles{};
    widgets::NoteBar* m_osdNote{};
    widgets::Section* m_stepSection{};
    widgets::TextLabel* m_stepTitle{};
    widgets::StepList* m_steps{};
    widgets::Section* m_workSection{};
    session::LiveRows* m_workRows{};
    session::LiveTable* m_work{};
    widgets::TableView* m_workView{};
    widgets::Section* m_pgSection{};
    widgets::PgBar* m_pgBar{};
    widgets::TextLabel* m_pgFoot{};
    widgets::Section* m_checkSection{};
    session::LiveTable* m_checks{};
    widgets::TableView* m_checkView{};
    widgets::TextLabel* m_noChecks{};
    widgets::Section* m_poolSection{};
    session::LiveTable* m_cephPools{};
    widgets::TableView* m_cephPoolView{};
    KindTables* m_kinds{};
};

}  // namespace sluice::pages
