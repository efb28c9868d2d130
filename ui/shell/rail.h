#pragma once

#include <array>

#include "ui/shell/page.h"
#include "ui/widgets/item_widget.h"

namespace sluice::shell {

/// The places, one below the other: icon, word, number key. Parts are the places.
class Rail : public widgets::ItemWidget {
    Q_OBJECT

public:
    explicit Rail(const style::Theme& theme, QWidget* parent = nullptr);

    static QString title(Place place);
    void setPlace(Place place);
    Place place() const { return m_place; }
    /// @param reason empty: the place can be opened
    void setMissing(Place place, const QString& reason);
    QString whyMissing(Place place) const;

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// Also one that cannot be opened.
    void chosen(sluice::shell::Place place);

protected:
    QString partToolTip(int part) const override;
    void activatePart(int part) override;
    void paintEvent(QPaintEvent* event) override;

private:
    int itemHeight() const;

    Place m_place{Place::Now};
    std::array<QString, kPlaceCount> m_missing{};
};

}  // namespace sluice::shell
