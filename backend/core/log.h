#pragma once

#include <QtCore/QString>

/// Structured log behind a thin header: spdlog's own headers cost seconds per file.
/// What looks like a secret is hidden in every line; pass names of secrets only.
namespace sluice::log {

enum class Level { Debug, Info, Warn, Error };

/// Once, in main. Writes to stderr and, if `file` is not empty, to that file (rotated at 16 MiB, 4 kept).
void init(const QString& program, const QString& file, Level level);
void write(Level level, const char* component, const QString& text);

inline void debug(const char* component, const QString& text)
{
    write(Level::Debug, component, text);
}
inline void info(const char* component, const QString& text)
{
    write(Level::Info, component, text);
}
inline void warn(const char* component, const QString& text)
{
    write(Level::Warn, component, text);
}
inline void error(const char* component, const QString& text)
{
    write(Level::Error, component, text);
}

}  // namespace sluice::log
