#pragma once

#include <QtCore/QList>

#include "ui/shell/page.h"
#include "ui/widgets/item_widget.h"

class QHBoxLayout;

namespace sluice::widgets {
class TextLabel;
class Button;
}  // namespace sluice::widgets

namespace sluice::shell {

/// The tabs of a page: shape, word, a line below the one that is shown.
class HeadTabs : public widgets::ItemWidget {
    Q_OBJECT

public:
    explicit HeadTabs(const style::Theme& theme, QWidget* parent = nullptr);

    void setTabs(const QList<PageTab>& tabs, const QString& current);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int widthOf(int part) const;

    QList<PageTab> m_tabs{};
    QString m_shown{};
};

/// Title, subtitle, tabs at the left; note, the page's own field and its actions at the right; 52 px.
class PageHead : public widgets::ThemedWidget {
    Q_OBJECT

public:
    explicit PageHead(const style::Theme& theme, QWidget* parent = nullptr);

    /// Shows what the page says now; buttons and fields that stay are kept as they are.
    void show(Page* page);

Q_SIGNALS:
    void parentPressed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void showActions(const QList<PageAction>& actions);
    void showOwnWidget(QWidget* widget);

    Page* m_page{};
    widgets::Button* m_parent{};
    widgets::TextLabel* m_slash{};
    widgets::TextLabel* m_title{};
    widgets::TextLabel* m_subtitle{};
    HeadTabs* m_tabs{};
    widgets::TextLabel* m_note{};
    QHBoxLayout* m_own{};
    QHBoxLayout* m_buttons{};
    QList<QAction*> m_shownActions{};
    QWidget* m_ownWidget{};
};

}  // namespace sluice::shell
