#pragma once

#include <QtCore/QList>

#include "ui/style/theme.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

struct TimeMark {
    qint64 atMs{};
    QString text{};
};

/// A stretch of time with its own tone: "holder gone, lock stays, 12 min 24 s".
struct TimeSpan {
    qint64 fromMs{};
    qint64 toMs{};
    QString text{};
    style::Tone tone{style::Tone::Neutral};
};

/// What happened when, on one line. Labels dodge each other: a second row, then only the mark; the last one
/// is right-aligned. Parts are the marks.
class TimeStrip : public ItemWidget {
    Q_OBJECT

public:
    explicit TimeStrip(const style::Theme& theme, QWidget* parent = nullptr);

    /// Marks and spans may come in any order.
    void setEvents(const QList<TimeMark>& marks, const QList<TimeSpan>& spans);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Label {
        QRectF rect{};
        bool shown{false};
    };
    double xOf(qint64 atMs) const;
    QList<Label> labels() const;
    int labelRows() const;
    void paintSpans(QPainter& painter) const;

    QList<TimeMark> m_marks{};
    QList<TimeSpan> m_spans{};
    qint64 m_fromMs{};
    qint64 m_toMs{};
};

}  // namespace sluice::widgets
