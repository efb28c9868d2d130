#pragma once

#include <QtCore/QList>

#include "ui/style/theme.h"
#include "ui/widgets/themed_widget.h"

namespace sluice::widgets {

struct KeyValue {
    QString key{};
    /// A number at its start is strong, the rest quiet: "7,439 of 7,440".
    QString value{};
    /// Quieter, behind the value.
    QString note{};
    bool mono{false};
    style::Tone tone{style::Tone::Neutral};
};

/// Facts as two columns: grey names, values. The context menu copies; long values stand whole in the tool
/// tip.
class KeyValues : public ThemedWidget {
    Q_OBJECT

public:
    explicit KeyValues(const style::Theme& theme, QWidget* parent = nullptr);

    void setRows(const QList<KeyValue>& rows);
    const QList<KeyValue>& rows() const { return m_rows; }
    void setKeyWidth(int px);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    int keyWidth() const;
    int rowAt(const QPoint& point) const;

    QList<KeyValue> m_rows{};
    int m_keyWidth{0};
};

}  // namespace sluice::widgets
