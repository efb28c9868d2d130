#pragma once

#include <QtWidgets/QLineEdit>

#include "ui/style/theme.h"

namespace sluice::widgets {

/// A line edit with an icon at its left and, while it is empty, the key that leads to it at its right; a note
/// (a count of hits) takes that place once something is typed. Escape clears it.
class SearchField : public QLineEdit {
    Q_OBJECT

public:
    /// @param icon "search" or "filter"
    SearchField(const style::Theme& theme, const QString& icon, const QString& keyCap,
                QWidget* parent = nullptr);

    void setNote(const QString& note);

Q_SIGNALS:
    void escaped();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void refresh();

    const style::Theme& m_theme;
    QString m_icon{};
    QString m_key{};
    QString m_note{};
};

}  // namespace sluice::widgets
