#include "pages_bench.h"

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtGui/QPainter>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLineEdit>

#include "kept_picture.h"

namespace sluice::test {

namespace {

/// One for the whole program: the style of the application keeps it.
style::Theme& sharedTheme(style::ThemeMode mode)
{
    static style::Theme* const theme = [] {
        auto* made = new style::Theme(style::ThemeMode::Light);
        made->applyTo(*qApp);
        return made;
    }();
    theme->setMode(mode);
    return *theme;
}

}  // namespace

QStringList partNames(const widgets::ItemWidget* widget)
{
    QStringList names;
    for (int part = 0; part < widget->partCount(); ++part) {
        names << widget->partName(part);
    }
    return names;
}

PagesBench::PagesBench(Scene scene, bool connected, style::ThemeMode mode)
    : theme(sharedTheme(mode)), console({theme, session, dialogs, systems}, clock)
{
    if (scene != nullptr) {
        scene(engine, kSceneMs);
    }
    answerAll(engine, kSceneMs);
    if (connected) {
        engine.connectAs(QStringLiteral("operator A"), QStringLiteral("operator"));
    }
    window().resize(1440, 900);
    window().show();
    if (!QTest::qWaitForWindowActive(&window())) {
        qFatal("the window does not come up");
    }
    // Layout requests are posted; nothing tells that all were served.
    QTest::qWait(0);
    QCoreApplication::processEvents();
}

void PagesBench::key(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    if (QApplication::activeModalWidget() == nullptr && !window().isActiveWindow()) {
        // A window manager does this when a dialog is closed; the offscreen platform has none.
        window().activateWindow();
        if (!QTest::qWaitForWindowActive(&window())) {
            qFatal("the window does not come back");
        }
    }
    QWidget* target = QApplication::activeModalWidget() ? QApplication::activeModalWidget()->focusWidget()
                                                        : window().focusWidget();
    if (target == nullptr) {
        target = QApplication::activeModalWidget() ? QApplication::activeModalWidget() : &window();
    }
    QTest::keyClick(target, key, modifiers);
}

QDialog* PagesBench::dialog()
{
    for (QWidget* widget : QApplication::topLevelWidgets()) {
        auto* dialog = qobject_cast<QDialog*>(widget);
        if (dialog != nullptr && dialog->isVisible()) {
            return dialog;
        }
    }
    return nullptr;
}

void PagesBench::shoot(const QString& name)
{
    static QTemporaryDir own;
    // What is laid out anew may ask for another layout, a few times over.
    for (int i = 0; i < 8; ++i) {
        QCoreApplication::sendPostedEvents();
        QCoreApplication::processEvents();
    }
    QPixmap picture = window().grab();
    if (QDialog* open = dialog()) {
        QPainter painter(&picture);
        const QPixmap front = open->grab();
        painter.drawPixmap(open->geometry().topLeft() - window().geometry().topLeft(), front);
        painter.setPen(theme.line(style::Line::Strong));
        painter.drawRect(QRect(open->geometry().topLeft() - window().geometry().topLeft(), front.size())
                             .adjusted(-1, -1, 0, 0));
    }
    const QString folder = qEnvironmentVariable("SLUICE_SCREENSHOTS", own.path());
    QDir().mkpath(folder);
    const QString file = QDir(folder).filePath(name + QStringLiteral(".png"));
    QVERIFY2(picture.save(file), qPrintable(file));
    if (QDialog* open = dialog()) {
        // Where the test's own folder lies differs from run to run.
        if (const auto* path = open->findChild<QLineEdit*>(QStringLiteral("path"))) {
            const QPoint at =
                path->mapTo(open, QPoint()) + open->geometry().topLeft() - window().geometry().topLeft();
            QPainter(&picture).fillRect(QRect(at, path->size()), Qt::gray);
        }
    }
    const QImage image = picture.toImage();
    QVERIFY(image.width() >= 1024 && image.height() >= 700);
    const QString difference = differenceFromKept(name, image);
    QVERIFY2(difference.isEmpty(), qPrintable(difference));
}

}  // namespace sluice::test
