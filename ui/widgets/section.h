#pragma once

#include "ui/widgets/themed_widget.h"

class QVBoxLayout;

namespace sluice::widgets {

class SectionHead;

/// A section of a page: head, content, a hairline below. While its facts are old it is hatched at the left
/// edge and its head says since when; the content stays.
class Section : public ThemedWidget {
    Q_OBJECT

public:
    explicit Section(const style::Theme& theme, const QString& title, QWidget* parent = nullptr);

    SectionHead* head() const { return m_head; }
    QVBoxLayout* content() const { return m_content; }
    void addWidget(QWidget* widget, int stretch = 0);
    /// @param observedAtMs when the facts were seen, ms since the epoch; 0: they are fresh
    void setStale(qint64 observedAtMs, qint64 nowMs);
    bool isStale() const { return m_stale; }
    /// A hairline below it; on at the start.
    void setRuled(bool on);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    SectionHead* m_head{};
    QVBoxLayout* m_content{};
    bool m_stale{false};
    bool m_ruled{true};
};

}  // namespace sluice::widgets
