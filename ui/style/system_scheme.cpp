#include "ui/style/system_scheme.h"

#include <QtDBus/QDBusConnection>
#include <QtDBus/QDBusMessage>
#include <QtDBus/QDBusPendingCallWatcher>
#include <QtDBus/QDBusPendingReply>
#include <QtDBus/QDBusVariant>
#include <QtGui/QGuiApplication>
#include <QtGui/QPalette>
#include <QtGui/QStyleHints>

namespace sluice::style {

namespace {

constexpr uint kPrefersDark = 1;
const auto kPortal = QStringLiteral("org.freedesktop.portal.Desktop");
const auto kPortalPath = QStringLiteral("/org/freedesktop/portal/desktop");
const auto kSettings = QStringLiteral("org.freedesktop.portal.Settings");
const auto kAppearance = QStringLiteral("org.freedesktop.appearance");
const auto kColourScheme = QStringLiteral("color-scheme");

/// Settings.Read wraps its answer in a second variant.
uint unwrapped(QVariant value)
{
    while (value.canConvert<QDBusVariant>()) {
        value = value.value<QDBusVariant>().variant();
    }
    return value.toUInt();
}

}  // namespace

SystemScheme::SystemScheme(QObject* parent) : QObject(parent)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto read = [this] {
        setDark(QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark);
    };
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, read);
    read();
#else
    m_dark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    watchPortal();
#endif
}

void SystemScheme::watchPortal()
{
    // Without an address the library would start a bus of its own and wait for it.
    if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) {
        return;
    }
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    bus.connect(kPortal, kPortalPath, kSettings, QStringLiteral("SettingChanged"), this,
                SLOT(portalSettingChanged(QString, QString, QDBusVariant)));
    QDBusMessage call =
        QDBusMessage::createMethodCall(kPortal, kPortalPath, kSettings, QStringLiteral("Read"));
    call.setArguments({kAppearance, kColourScheme});
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (!reply.isError()) {
            const uint scheme = unwrapped(QVariant::fromValue(reply.value()));
            if (scheme != 0) {
                setDark(scheme == kPrefersDark);
            }
        }
        watcher->deleteLater();
    });
}

void SystemScheme::portalSettingChanged(const QString& group, const QString& key, const QDBusVariant& value)
{
    if (group == kAppearance && key == kColourScheme) {
        setDark(unwrapped(value.variant()) == kPrefersDark);
    }
}

void SystemScheme::setDark(bool dark)
{
    if (dark == m_dark) {
        return;
    }
    m_dark = dark;
    Q_EMIT changed();
}

}  // namespace sluice::style
