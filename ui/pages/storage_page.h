#pragma once

#include "ui/pages/live_page.h"

class QStackedWidget;

namespace sluice::widgets {
class EmptyState;
class KeyValues;
class NoteBar;
class SearchField;
class Section;
class SummaryStrip;
struct SummaryCell;
}  // namespace sluice::widgets

namespace sluice::pages {

class ClusterView;
class KindTables;

/// One tab per Ceph cluster and gateway: three health words, figures, then the parts of the cluster. And one
/// per other connection that has something to list: health words, then a table per kind.
class StoragePage final : public LivePage {
    Q_OBJECT

public:
    explicit StoragePage(const PageContext& context, QWidget* parent = nullptr);

    void showConnection(const QString& connection);

    QString title() const override;
    QList<shell::PageTab> tabs() const override;
    QString currentTab() const override { return m_connection; }
    void setCurrentTab(const QString& id) override { showConnection(id); }
    QString headNote() const override;
    QWidget* headWidget() override;
    QList<shell::KeyHint> keyHints() const override;
    void triggerBanner(const QString& id) override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;
    QList<shell::PageBanner> pageBanners() const override;

private:
    QWidget* buildGateway();
    QStringList storageConnections() const;
    QString typeOf(const QString& connection) const;
    /// The open case about this cluster's monitors; empty if there is none.
    QJsonObject quorumCase() const;
    void refreshStrip();
    /// "as of …" of the oldest row of a kind if it is older than it may be; otherwise empty.
    QString asOf(const QString& kind) const;
    widgets::SummaryCell usedCell() const;
    widgets::SummaryCell objectsCell() const;
    void refreshGateway();

    QString m_connection{};
    /// The words of the tabs as they were drawn.
    QStringList m_tabWords{};
    widgets::SearchField* m_search{};
    widgets::SummaryStrip* m_strip{};
    QStackedWidget* m_stack{};
    ClusterView* m_cluster{};
    widgets::KeyValues* m_gateway{};
    widgets::NoteBar* m_gatewayNote{};
    widgets::Section* m_gatewaySection{};
    KindTables* m_gatewayKinds{};
    KindTables* m_kinds{};
    widgets::EmptyState* m_empty{};
};

}  // namespace sluice::pages
