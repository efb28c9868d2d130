#pragma once

#include <QtCore/QString>
#include <QtCore/QtGlobal>

namespace sluice::app {

/// Help or version is asked for: that needs no display.
bool onlyTells(int argc, char** argv);

/// A message handler for the time in which the QApplication is made. Qt aborts when it finds no display; this
/// tells in one line what is missing and ends the program with 2, as sluicectl does for a wrong use.
void tellMissingDisplay(QtMsgType type, const QMessageLogContext& context, const QString& text);

}  // namespace sluice::app
