#pragma once

#include <QtCore/QJsonObject>
#include <QtGui/QKeySequence>
#include <QtWidgets/QWidget>
#include <functional>
#include <utility>

#include "ui/pages/page_context.h"
#include "ui/shell/find_source.h"
#include "ui/shell/page.h"
#include "ui/widgets/summary_strip.h"

namespace sluice::pages {

/// What the page Storage shows of the connections of one type, below their health words.
class StorageView : public QWidget {
    Q_OBJECT

public:
    /// A key of the page that works while the view is shown.
    struct Action {
        QString title{};
        QKeySequence key{};
        std::function<void()> run{};
    };

    using QWidget::QWidget;

    /// Empty: it is not shown, and asks for nothing.
    virtual void setConnection(const QString& connection) = 0;
    virtual void refresh() = 0;
    virtual void tick() {}
    virtual void focusFirst() {}
    virtual void setSearch(const QString& /*text*/) {}
    /// What can be searched for in it, and how a screen reader calls that; empty: there is nothing to search.
    virtual std::pair<QString, QString> searchHint() const { return {}; }
    /// Beside the title of the page.
    virtual QString headNote() const { return {}; }
    /// Beside the health words.
    virtual QList<widgets::SummaryCell> cells() { return {}; }
    virtual QList<shell::PageBanner> banners() const { return {}; }
    virtual void triggerBanner(const QString& /*id*/) {}
    virtual QList<Action> actions() { return {}; }
    virtual QList<shell::KeyHint> keyHints() const { return {}; }

Q_SIGNALS:
    void openRequested(const QString& kind, const QString& id);
    /// What it shows rests on rows that changed, and the page does not follow.
    void touched();
};

/// How a card of a case's chain is drawn, by its kind.
struct CardLook {
    QString kind{};
    QString word{};
    QString icon{};
    bool monoTitle{};
};

/// What the find field says of an entity, by its kind.
struct FoundKind {
    QString kind{};
    std::function<shell::FindHit(session::Session& session, const QJsonObject& row)> hit{};
};

/// How connections of one type are shown; a type without a row is shown by its health words and its tables.
struct SystemView {
    QString type{};
    /// "Ceph cluster"
    QString what{};
    /// A configuration with one connection, and a flow that uses it; may be empty.
    QString exampleConfig{};
    QString exampleFlow{};
    std::function<StorageView*(const PageContext& context, QWidget* parent)> make{};
    QList<CardLook> cards{};
    QList<FoundKind> found{};
};

/// The first that there is of an example.
QString exampleOf(const PageContext& context, QString SystemView::*example);

}  // namespace sluice::pages
