#pragma once

#include <QtCore/QString>

#include "ui/style/state_words.h"
#include "ui/widgets/themed_widget.h"

class QHBoxLayout;

namespace sluice::widgets {
class StateLabel;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

/// What is known of the audit chain, in one band: does it hold, how many records, the last hash.
class ChainStrip final : public widgets::ThemedWidget {
    Q_OBJECT

public:
    explicit ChainStrip(const style::Theme& theme, QWidget* parent = nullptr);

    void setVerdict(const style::StateWord& word, const QString& headline, const QString& detail);
    void setRecords(const QString& count, const QString& detail);
    void setHead(const QString& hash, const QString& detail);
    void setMissing(const QString& figure, const QString& detail);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Pair {
        widgets::TextLabel* head{};
        widgets::TextLabel* detail{};
    };
    Pair pair(QHBoxLayout* row, bool mono);

    widgets::StateLabel* m_mark{};
    Pair m_verdict{};
    Pair m_records{};
    Pair m_head{};
    Pair m_missing{};
};

}  // namespace sluice::pages
