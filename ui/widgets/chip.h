#pragma once

#include <QtWidgets/QAbstractButton>

#include "ui/style/state_words.h"

namespace sluice::style {
class Theme;
}

namespace sluice::widgets {

/// A filter one can switch on: shape, word, count. Switched on it shows a cross.
class Chip : public QAbstractButton {
    Q_OBJECT

public:
    explicit Chip(const style::Theme& theme, QWidget* parent = nullptr);

    /// Without a word there is no shape, only the text().
    void setState(const style::StateWord& state);
    void setCount(const QString& count);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString word() const;
    void refresh();

    const style::Theme& m_theme;
    style::StateWord m_state{};
    QString m_count{};
};

}  // namespace sluice::widgets
