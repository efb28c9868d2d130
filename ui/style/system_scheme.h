#pragma once

#include <QtCore/QObject>

class QDBusVariant;

namespace sluice::style {

/// Whether the desktop asks for dark colours: Qt's own word for it from 6.5 on; before that the desktop
/// portal, and until it has answered, how dark the palette was that the platform gave us.
/// @thread GUI thread
class SystemScheme : public QObject {
    Q_OBJECT

public:
    explicit SystemScheme(QObject* parent = nullptr);

    bool isDark() const { return m_dark; }

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void portalSettingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void setDark(bool dark);
    void watchPortal();

    bool m_dark{false};
};

}  // namespace sluice::style
