#pragma once

#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

/// UTC, HH:MM:SS.
QString clockText(qint64 atMs);
/// "as of 03:41:07, 2 min 14 s old"
QString asOfText(qint64 observedAtMs, qint64 nowMs);

/// The age of a fact: "3 s" in grey; over its limit with a clock and in amber: "as of 03:41:07, 2 min 14 s
/// old". It has no timer: call refresh() at 1 Hz from the page's ticker.
class AgeLabel : public ThemedWidget {
    Q_OBJECT

public:
    explicit AgeLabel(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param observedAtMs ms since the epoch; 0: never seen
    /// @param staleAfterMs 0: never stale
    void setObservedAt(qint64 observedAtMs, qint64 staleAfterMs);
    /// The short form even when stale: "2 min 14 s".
    void setShort(bool on);
    bool isStale() const { return m_stale; }
    QString text() const { return m_text; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void refresh(qint64 nowMs);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    qint64 m_observedAtMs{};
    qint64 m_staleAfterMs{};
    qint64 m_nowMs{};
    bool m_short{false};
    bool m_stale{false};
    QString m_text{};
};

}  // namespace sluice::widgets
