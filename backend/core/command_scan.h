#pragma once

#include <QtCore/QString>

namespace sluice {

/// The text with the secrets of command lines hidden that stand behind an option of one letter: "-p" of most
/// programs, and what programs of their own know, also glued to the letter ("mysql -pX"). Command lines may
/// be as a shell reads them or a list of quoted arguments.
QString hideOptionValues(const QString& text);

}  // namespace sluice
