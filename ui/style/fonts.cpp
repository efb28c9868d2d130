#include "ui/style/fonts.h"

#include <QtCore/QDir>
#include <QtCore/QStringList>
#include <QtGui/QFontDatabase>

namespace sluice::style {

namespace {

QString firstInstalled(const QStringList& families, QFontDatabase::SystemFont fallback)
{
    for (const QString& family : families) {
        if (QFontDatabase::hasFamily(family)) {
            return family;
        }
    }
    return QFontDatabase::systemFont(fallback).family();
}

}  // namespace

FontFamilies loadFonts()
{
    static const QString kUi = QStringLiteral("Sluice Sans");
    static const QString kMono = QStringLiteral("Sluice Mono");
    if (!QFontDatabase::hasFamily(kUi)) {
        const QDir folder(QStringLiteral(":/sluice/fonts"));
        const QStringList files = folder.entryList(QDir::Files);
        for (const QString& file : files) {
            QFontDatabase::addApplicationFont(folder.filePath(file));
        }
    }
    return {firstInstalled(
                {kUi, QStringLiteral("Inter"), QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")},
                QFontDatabase::GeneralFont),
            firstInstalled({kMono, QStringLiteral("JetBrains Mono"), QStringLiteral("Noto Sans Mono"),
                            QStringLiteral("DejaVu Sans Mono")},
                           QFontDatabase::FixedFont)};
}

}  // namespace sluice::style
