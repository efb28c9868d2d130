#pragma once

#include <QtCore/QMap>
#include <QtWidgets/QWidget>

#include "ui/pages/page_context.h"

class QVBoxLayout;

namespace sluice::session {
class LiveRows;
class LiveTable;
}  // namespace sluice::session
namespace sluice::widgets {
class Button;
class Section;
class TableView;
}  // namespace sluice::widgets

namespace sluice::pages {

/// What a connection has of kinds that have no drawing of their own: a table of each, with the columns that
/// the engine says. Of many rows a window is shown, with how many there are and the way to the others.
class KindTables final : public QWidget {
    Q_OBJECT

public:
    explicit KindTables(const PageContext& context, QWidget* parent = nullptr);

    void setConnection(const QString& connection);
    void setSearch(const QString& text);
    /// Brings tables up to what kinds and rows there are; hidden while there is none.
    void refresh();
    void focusFirst();

private:
    struct Table {
        widgets::Section* section{};
        widgets::TableView* view{};
        widgets::Button* before{};
        widgets::Button* after{};
        session::LiveRows* rows{};
        session::LiveTable* model{};
        int offset{};
    };

    Table make(const QString& kind);
    void move(const QString& kind, int by);
    void clear();

    PageContext m_context;
    QVBoxLayout* m_column{};
    QString m_connection{};
    QString m_search{};
    QMap<QString, Table> m_tables{};
};

}  // namespace sluice::pages
