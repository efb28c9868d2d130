#pragma once

#include <QtCore/QHash>
#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"
#include "ui/session/record_export.h"
#include "ui/session/record_feed.h"

class QVBoxLayout;

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class Chip;
class EmptyState;
class SearchField;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

class RecordFilterBar;

/// The audit records that match what is asked for, out of all there are, and how many that are.
class RecordList final : public QWidget {
    Q_OBJECT

public:
    explicit RecordList(const PageContext& context, QWidget* parent = nullptr);

    /// Search field and chips, for the head of the page.
    QWidget* head() const { return m_head; }
    void focusSearch();
    void focusRecords();
    /// Takes all filters away, finds that record wherever it lies, and picks it.
    void showRecord(const QString& seq);
    QString current() const;
    /// The record of that number, if it was heard of; asks the engine for it otherwise.
    QJsonObject record(qint64 seq);
    void saveAs();
    /// Why no export can be begun now; empty if it can.
    QString whyNoExport() const;
    /// Shows everything anew.
    void refresh();

Q_SIGNALS:
    /// refresh() would show something else.
    void touched();

private:
    void buildHead();
    void buildTable(QVBoxLayout* column);
    void applyFilter();
    void clearFilter();
    void pickWanted();
    void loadOnScroll();
    QString footText() const;
    /// How many match; with an ellipsis while they are being counted.
    QString matchesText() const;
    bool isFiltered() const;

    PageContext m_context;
    session::RecordFeed m_feed;
    QTimer m_typing{};
    QWidget* m_head{};
    widgets::SearchField* m_search{};
    widgets::Chip* m_exceptions{};
    widgets::Chip* m_upTo{};
    RecordFilterBar* m_bar{};
    session::LiveTable* m_records{};
    widgets::TableView* m_view{};
    widgets::EmptyState* m_none{};
    QWidget* m_loading{};
    widgets::TextLabel* m_foot{};
    QString m_wanted{};
    qint64 m_before{0};
    QHash<qint64, QJsonObject> m_asked{};
    QPointer<session::RecordExport> m_export{};
    QString m_exported{};
};

}  // namespace sluice::pages
