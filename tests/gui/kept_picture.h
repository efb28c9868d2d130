#pragma once

#include <QtCore/QString>
#include <QtGui/QImage>

namespace sluice::test {

/// Compares a picture of the window with the one that is kept in tests/gui/pictures, cell by cell of a coarse
/// grid, so that another hinting of a letter is no difference and a missing, clipped or wrongly coloured part
/// is one. With SLUICE_KEEP_PICTURES in the environment the picture is kept instead. Pictures are kept of one
/// release of Qt; with another one nothing is compared, and that is said.
/// @return what differs; empty: nothing
QString differenceFromKept(const QString& name, const QImage& picture);

}  // namespace sluice::test
