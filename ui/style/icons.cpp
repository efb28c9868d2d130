#include "ui/style/icons.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtGui/QPainter>
#include <QtGui/QPixmapCache>
#include <QtSvg/QSvgRenderer>
#include <cmath>

namespace sluice::style {

namespace {

QString pathOf(const QString& name)
{
    return QStringLiteral(":/sluice/icons/%1.svg").arg(name);
}

}  // namespace

QStringList iconNames()
{
    QStringList names =
        QDir(QStringLiteral(":/sluice/icons")).entryList({QStringLiteral("*.svg")}, QDir::Files);
    for (QString& name : names) {
        name.chop(4);
    }
    return names;
}

bool hasIcon(const QString& name)
{
    return !name.isEmpty() && QFile::exists(pathOf(name));
}

QPixmap iconPixmap(const QString& name, const QColor& colour, int size, qreal dpr)
{
    const QString key = QStringLiteral("sluice.icon.%1.%2.%3.%4")
                            .arg(name)
                            .arg(colour.rgba(), 8, 16)
                            .arg(size)
                            .arg(qRound(dpr * 100));
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) {
        return pixmap;
    }
    const int side = static_cast<int>(std::ceil(size * dpr));
    pixmap = QPixmap(side, side);
    pixmap.fill(Qt::transparent);
    QFile file(pathOf(name));
    if (file.open(QIODevice::ReadOnly)) {
        QSvgRenderer renderer(file.readAll().replace("currentColor", colour.name().toLatin1()));
        QPainter painter(&pixmap);
        painter.setOpacity(colour.alphaF());
        renderer.render(&painter, QRectF(0, 0, side, side));
    }
    pixmap.setDevicePixelRatio(dpr);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void paintIcon(QPainter& painter, const QString& name, const QColor& colour, const QRectF& rect, int size)
{
    if (!hasIcon(name)) {
        return;
    }
    const qreal dpr = painter.device()->devicePixelRatioF();
    const QPointF corner = rect.center() - QPointF(size / 2.0, size / 2.0);
    const QPointF snapped(std::round(corner.x() * dpr) / dpr, std::round(corner.y() * dpr) / dpr);
    painter.drawPixmap(snapped, iconPixmap(name, colour, size, dpr));
}

}  // namespace sluice::style
