#include <QtCore/QDir>
#include <QtCore/QTextStream>
#include <QtWidgets/QApplication>
#include <QtWidgets/QWidget>
#include <memory>

#include "sheets.h"
#include "ui/style/theme.h"

/// sluice-gallery DIR [SHEET]: every widget in both themes as PNG: DIR/light/SHEET.png, DIR/dark/SHEET.png.
int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (arguments.size() < 2) {
        QTextStream(stderr) << "usage: sluice-gallery DIR [SHEET]\n";
        return 2;
    }
    using sluice::style::Theme;
    using sluice::style::ThemeMode;
    Theme theme(ThemeMode::Light);
    theme.applyTo(application);
    for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
        theme.setMode(mode);
        const QDir folder(arguments.at(1) + (theme.isDark() ? "/dark" : "/light"));
        if (!folder.mkpath(".")) {
            QTextStream(stderr) << "cannot make " << folder.path() << '\n';
            return 1;
        }
        const QList<sluice::gallery::Sheet> sheets = sluice::gallery::sheets();
        for (const sluice::gallery::Sheet& sheet : sheets) {
            if (arguments.size() > 2 && arguments.at(2) != sheet.name) {
                continue;
            }
            const std::unique_ptr<QWidget> widget(sheet.make(theme));
            widget->show();
            QApplication::sendPostedEvents();
            QApplication::sendPostedEvents();
            if (!widget->grab().save(folder.filePath(sheet.name + ".png"))) {
                QTextStream(stderr) << "cannot write " << folder.filePath(sheet.name) << '\n';
                return 1;
            }
        }
    }
    return 0;
}
