#pragma once

#include "ui/widgets/themed_widget.h"

class QHBoxLayout;

namespace sluice::widgets {

/// The head of a section: title, a grey count or word behind it, and at the right a grey note or the age of
/// what stands below. 40 px.
class SectionHead : public ThemedWidget {
    Q_OBJECT

public:
    explicit SectionHead(const style::Theme& theme, const QString& title = {}, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setCount(const QString& count);
    void setNote(const QString& note);
    /// The note says that the section is old: clock and amber. Empty: fresh again, the note comes back.
    void setStale(const QString& asOf);
    /// Stands at the right, after the note: a StateLabel, a button, chips.
    void addWidget(QWidget* widget);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    qreal titleWidth() const;

    QString m_title{};
    QString m_count{};
    QString m_note{};
    QString m_stale{};
    QHBoxLayout* m_right{};
};

}  // namespace sluice::widgets
