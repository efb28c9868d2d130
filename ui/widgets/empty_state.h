#pragma once

#include <QtCore/QList>
#include <utility>

#include "ui/style/state_words.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

class Button;

/// What stands where nothing is: a sentence, what was looked at, up to four figures, and the one next action.
class EmptyState : public ThemedWidget {
    Q_OBJECT

public:
    explicit EmptyState(const style::Theme& theme, QWidget* parent = nullptr);

    /// "Nothing needs you"; the state's shape stands before it, none without a word.
    void setHeadline(const QString& headline, const style::StateWord& state = {});
    /// What was looked at, and when.
    void setChecked(const QString& checked);
    /// {"58 rules", "read 2 s ago"}
    void setFigures(const QList<std::pair<QString, QString>>& figures);
    /// A command or a file to copy, in mono; empty: none.
    void setCode(const QString& code);
    /// Empty: no button.
    void setAction(const QString& text);
    /// A border round it; on at the start.
    void setBoxed(bool on);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

Q_SIGNALS:
    void actionTriggered();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Places;
    Places places(int width) const;
    void refresh();
    void placeAction();

    style::StateWord m_state{};
    QString m_headline{};
    QString m_checked{};
    QString m_code{};
    QList<std::pair<QString, QString>> m_figures{};
    Button* m_action{};
    bool m_boxed{true};
};

}  // namespace sluice::widgets
