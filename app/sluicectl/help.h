#pragma once

#include <QtCore/QString>

namespace sluice::ctl {

/// `topic`: empty for all commands, a command ("flow check"), or the first word of some ("flow").
/// Empty if there is no such topic.
QString helpText(const QString& topic);

}  // namespace sluice::ctl
