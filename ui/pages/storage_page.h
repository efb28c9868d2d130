#pragma once

#include <QtCore/QHash>

#include "ui/pages/live_page.h"

class QStackedWidget;

namespace sluice::widgets {
class EmptyState;
class SearchField;
class SummaryStrip;
}  // namespace sluice::widgets

namespace sluice::pages {

class KindTables;
class StorageView;
struct SystemView;

/// One tab per connection of a system that is drawn: three health words, figures, then its view. And one
/// per other connection that has something to list: health words, then a table per kind.
class StoragePage final : public LivePage {
    Q_OBJECT

public:
    explicit StoragePage(const PageContext& context, QWidget* parent = nullptr);

    void showConnection(const QString& connection);
    /// Whether there is a tab of it.
    bool shows(const QString& connection) const { return storageConnections().contains(connection); }

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
    void addView(const SystemView& system);
    /// Of the connection that is shown; null: its tables are.
    StorageView* view() const;
    QStringList storageConnections() const;
    QString typeOf(const QString& connection) const;
    void refreshStrip();

    QString m_connection{};
    /// The words of the tabs as they were drawn.
    QStringList m_tabWords{};
    widgets::SearchField* m_search{};
    widgets::SummaryStrip* m_strip{};
    QStackedWidget* m_stack{};
    QWidget* m_nothing{};
    QWidget* m_loading{};
    QWidget* m_tables{};
    QHash<QString, StorageView*> m_views{};  // by type of connection
    KindTables* m_kinds{};
    widgets::EmptyState* m_empty{};
};

}  // namespace sluice::pages
