#include "kept_picture.h"

#include <QtCore/QDebug>
#include <QtCore/QDir>
#include <QtCore/QLibraryInfo>
#include <QtCore/QVersionNumber>
#include <algorithm>
#include <cstdlib>

namespace sluice::test {
namespace {

constexpr const char* kFolder = SLUICE_SOURCE_DIR "/tests/gui/pictures";
constexpr int kCell = 20;       // px
constexpr int kMostApart = 20;  // of 255, in one channel of one cell
constexpr int kMostCells = 6;
const QVersionNumber kKeptWith{6, 4};

QImage glanceOf(const QImage& picture)
{
    return picture
        .scaled(picture.width() / kCell, picture.height() / kCell, Qt::IgnoreAspectRatio,
                Qt::SmoothTransformation)
        .convertToFormat(QImage::Format_RGB888);
}

bool isEmpty(const QImage& picture)
{
    int other = 0;
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            other += picture.pixel(x, y) != picture.pixel(1, 1) ? 1 : 0;
        }
    }
    return other < 100;
}

bool isApart(QRgb one, QRgb other)
{
    return std::max({std::abs(qRed(one) - qRed(other)), std::abs(qGreen(one) - qGreen(other)),
                     std::abs(qBlue(one) - qBlue(other))}) > kMostApart;
}

}  // namespace

QString differenceFromKept(const QString& name, const QImage& picture)
{
    const QString file = QDir(QLatin1String(kFolder)).filePath(name + QStringLiteral(".png"));
    const QImage now = glanceOf(picture);
    if (qEnvironmentVariableIsSet("SLUICE_KEEP_PICTURES")) {
        QDir().mkpath(QLatin1String(kFolder));
        return now.save(file) ? QString() : QStringLiteral("%1 cannot be written").arg(file);
    }
    const QVersionNumber qt = QLibraryInfo::version();
    if (qt.majorVersion() != kKeptWith.majorVersion() || qt.minorVersion() != kKeptWith.minorVersion()) {
        qInfo().noquote() << "pictures are kept of Qt" << kKeptWith.toString() << "and this is"
                          << qt.toString() + ": not compared";
        return isEmpty(now) ? QStringLiteral("%1 is empty").arg(name) : QString();
    }
    const QImage kept = QImage(file).convertToFormat(QImage::Format_RGB888);
    if (kept.isNull()) {
        return QStringLiteral(
                   "%1 is missing: look at the picture, then run this test with SLUICE_KEEP_PICTURES=1")
            .arg(file);
    }
    if (kept.size() != now.size()) {
        return QStringLiteral("%1 is of another size").arg(name);
    }
    int cells = 0;
    QRect where;
    for (int y = 0; y < now.height(); ++y) {
        for (int x = 0; x < now.width(); ++x) {
            if (isApart(now.pixel(x, y), kept.pixel(x, y))) {
                ++cells;
                where |= QRect(x * kCell, y * kCell, kCell, kCell);
            }
        }
    }
    return cells <= kMostCells ? QString()
                               : QStringLiteral(
                                     "%1 looks different from the one that is kept, within x %2 to %3 and y "
                                     "%4 to %5 (%6 cells); if it is meant so, look at it "
                                     "and run this test with SLUICE_KEEP_PICTURES=1")
                                     .arg(name)
                                     .arg(where.left())
                                     .arg(where.right())
                                     .arg(where.top())
                                     .arg(where.bottom())
                                     .arg(cells);
}

}  // namespace sluice::test
