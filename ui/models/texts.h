#pragma once

#include <QtCore/QCoreApplication>
#include <QtCore/QString>

/// The texts of the models, which are no QObjects.
namespace sluice::models {

/// @param count chooses the form of a text with a count in it
inline QString tr(const char* text, const char* comment = nullptr, int count = -1)
{
    return QCoreApplication::translate("sluice::models", text, comment, count);
}

/// Titles and meanings from the engine's tables.
inline QString translated(const QString& text)
{
    return QCoreApplication::translate("sluice::engine", text.toUtf8().constData());
}

}  // namespace sluice::models
