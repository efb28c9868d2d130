#pragma once

#include <QtCore/QHash>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "command.h"
#include "core/error.h"

namespace sluice::ctl {

/// A parsed command line.
struct Arguments {
    const Command* command{};  ///< none: only help was asked for
    QStringList positional{};
    QHash<QString, QStringList> options{};  ///< values in order; a switch has one empty value
    bool help{};
    bool version{};
    QString helpTopic{};

    bool has(const QString& option) const { return options.contains(option); }
    QString value(const QString& option, const QString& otherwise = {}) const;
};

/// @param words argv without the program's name
/// @error InvalidArgument: no such command or option, a value missing, arguments missing or too many.
[[nodiscard]] Result<Arguments> parseArguments(const QStringList& words);

}  // namespace sluice::ctl
