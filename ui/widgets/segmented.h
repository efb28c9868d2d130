#pragma once

#include <QtCore/QStringList>

#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// Ways to look at the same things, one at a time: Graph | Table.
class Segmented : public ItemWidget {
    Q_OBJECT

public:
    explicit Segmented(const style::Theme& theme, const QStringList& choices, QWidget* parent = nullptr);

    int choice() const { return m_choice; }
    void setChoice(int choice);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// Chooses, as a click does: what a screen reader presses.
    void activatePart(int part) override;

Q_SIGNALS:
    void chosen(int choice);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void choose(int part);
    int partWidth(int part) const;

    QStringList m_choices{};
    int m_choice{0};
};

}  // namespace sluice::widgets
