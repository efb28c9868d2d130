#pragma once

#include <QtCore/QList>

#include "ui/shell/page.h"
#include "ui/shell/shell_state.h"
#include "ui/widgets/item_widget.h"

namespace sluice::shell {

/// The last line of the window: the keys that work here, the systems with the age of their last answer, the
/// time in UTC. What does not fit is left out from the keys, last one first. Parts are the systems.
class StatusLine : public widgets::ItemWidget {
    Q_OBJECT

public:
    StatusLine(const style::Theme& theme, const ShellState& state, QWidget* parent = nullptr);

    void setKeyHints(const QList<KeyHint>& hints);
    /// Stands in place of the keys for a few seconds; empty: the keys again.
    void say(const QString& message, qint64 nowMs);
    void refresh(qint64 nowMs);

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    QString partToolTip(int part) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    void describe();
    QString clock() const;
    QString ageOf(const ConnectorMark& mark) const;
    bool isStale(const ConnectorMark& mark) const;
    qreal widthOf(int part) const;
    qreal partsLeft() const;
    void paintHints(QPainter& painter, qreal right) const;
    void paintConnector(QPainter& painter, int part) const;

    const ShellState& m_state;
    QList<KeyHint> m_hints{};
    QString m_message{};
    qint64 m_messageUntilMs{};
    qint64 m_nowMs{};
};

}  // namespace sluice::shell
