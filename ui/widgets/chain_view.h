#pragma once

#include <QtCore/QList>
#include <QtCore/QStringList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

/// One link from the task to the cause.
struct ChainCard {
    /// Name of an icon: task object lock client host pool cluster gateway file key
    QString icon{};
    /// "Advisory lock"
    QString kind{};
    QString title{};
    bool monoTitle{false};
    QStringList lines{};
    /// Warn and Crit fill the card: the culprit.
    style::Tone tone{style::Tone::Neutral};
    /// A shape in the corner; none without a word.
    style::StateWord mark{};
};

/// Two to six cards with arrows between them. Parts are the cards; Tab goes from card to card, Enter opens
/// one.
class ChainView : public ItemWidget {
    Q_OBJECT

public:
    explicit ChainView(const style::Theme& theme, QWidget* parent = nullptr);

    void setCards(const QList<ChainCard>& cards);
    /// Grey cards with at most one line, as on the page Now.
    void setCompact(bool on);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    int cardHeight() const;
    void paintCard(QPainter& painter, int part) const;

    QList<ChainCard> m_cards{};
    bool m_compact{false};
};

}  // namespace sluice::widgets
