#pragma once

#include <QtCore/QList>
#include <QtCore/QStringList>

#include "ui/style/state_words.h"
#include "ui/widgets/item_widget.h"

namespace sluice::widgets {

struct CauseEvidence {
    QString text{};
    QString source{};
    /// "4 s"; "–" when there is none.
    QString age{};
    bool stale{false};
};

struct CauseRow {
    style::StateWord verdict{};
    QString title{};
    /// "R18 version 3"
    QString rule{};
    /// "R18", where there is no room for more; empty: `rule` stands there.
    QString ruleId{};
    /// Stands in the row itself when the cause is refuted.
    QString summary{};
    QString age{};
    QList<CauseEvidence> evidence{};
    /// What a person can do; may be empty.
    QString correction{};
};

/// Causes by how near they are to the stalled job's own objects: open ones with their evidence, refuted ones
/// in one line each, still there. Parts are the causes; Enter opens or closes the evidence of one.
class CauseList : public ItemWidget {
    Q_OBJECT

public:
    explicit CauseList(const style::Theme& theme, QWidget* parent = nullptr);

    /// In the order given: ranked by the caller. What a person has opened stays open.
    void setCauses(const QList<CauseRow>& causes);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    void activatePart(int part) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Columns;
    Columns columns(int width) const;
    int evidenceHeight(const CauseEvidence& evidence, const Columns& columns) const;
    bool isOpen(int part) const;
    int rowHeight(int part, int width) const;
    void paintVerdict(QPainter& painter, const CauseRow& cause, const QRectF& line,
                      const Columns& columns) const;
    void paintOpen(QPainter& painter, int part, const QRect& rect) const;
    void paintClosed(QPainter& painter, int part, const QRect& rect) const;

    QList<CauseRow> m_causes{};
    QStringList m_turned{};
};

}  // namespace sluice::widgets
