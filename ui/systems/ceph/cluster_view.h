#pragma once

#include <QtCore/QJsonObject>
#include <QtWidgets/QWidget>

#include "ui/pages/storage_view.h"

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
}  // namespace sluice::pages

namespace sluice::systems::ceph {

/// One Ceph cluster: monitors, OSDs, placement groups, checks, Ceph pools, and what still works when the
/// monitors have no quorum. Sections whose facts are old are hatched and say since when.
class ClusterView final : public pages::StorageView {
    Q_OBJECT

public:
    explicit ClusterView(const pages::PageContext& context, QWidget* parent = nullptr);

    void setConnection(const QString& connection) override;
    void refresh() override;
    void tick() override;
    void focusFirst() override { focusMonitors(); }
    void setSearch(const QString& text) override;
    std::pair<QString, QString> searchHint() const override;
    QString headNote() const override;
    QList<widgets::SummaryCell> cells() override;
    QList<shell::PageBanner> banners() const override;
    void triggerBanner(const QString& id) override;
    QList<Action> actions() override;
    QList<shell::KeyHint> keyHints() const override;

private:
    void focusMonitors();
    void focusOsds();
    void focusCephPools();
    /// The open case about this cluster's monitors; empty if there is none.
    QJsonObject quorumCase() const;
    /// "as of …" of the oldest row of a kind if it is older than it may be; otherwise empty.
    QString asOf(const QString& kind) const;
    widgets::SummaryCell usedCell() const;
    widgets::SummaryCell objectsCell() const;
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

    pages::PageContext m_context;
    pages::TwoColumns* m_columns{};
    QString m_connection{};
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
    pages::KindTables* m_kinds{};
};

}  // namespace sluice::systems::ceph
