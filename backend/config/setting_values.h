#pragma once

#include <QtCore/QString>

namespace sluice::yaml {
class Value;
}

/// Values that settings of several types have. What does not fit is a problem at the value's own place.
namespace sluice::config {

/// An absolute path.
QString readPath(const yaml::Value& value);
/// A path of a file that others will open: one that would make them wait for ever is refused here, by its
/// place.
QString readFilePath(const yaml::Value& value);
/// An address on the web without what is none of it: a password there would be one of the configuration.
QString readUrl(const yaml::Value& value, const QString& expected, bool mayNameUser);

}  // namespace sluice::config
