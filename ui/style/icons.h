#pragma once

#include <QtCore/QRectF>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtGui/QColor>
#include <QtGui/QPixmap>

class QPainter;

namespace sluice::style {

/// Icons are strokes on a grid of 20, named as their files in resources/icons without ".svg":
/// now flows storage routes keys observe audit settings sluice, search clock lock lock-open user export copy
/// hand-over chevron-down chevron-right plus minus fit filter undo close check reset stop play arrow-right
/// task object host client cluster gateway pool file key bell-off code warn.
QStringList iconNames();
bool hasIcon(const QString& name);

/// Paints an icon in one colour, centred in `rect`. A name there is no icon of paints nothing.
void paintIcon(QPainter& painter, const QString& name, const QColor& colour, const QRectF& rect, int size);
/// @return `size` logical pixels square, in device pixels of `dpr`.
QPixmap iconPixmap(const QString& name, const QColor& colour, int size, qreal dpr);

}  // namespace sluice::style
