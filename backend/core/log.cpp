#include "core/log.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/redact.h"

namespace sluice::log {
namespace {

constexpr size_t kFileBytes = 16 * 1024 * 1024;
constexpr size_t kFilesKept = 4;

spdlog::level::level_enum toSpdlog(Level level)
{
    switch (level) {
        case Level::Debug:
            return spdlog::level::debug;
        case Level::Info:
            return spdlog::level::info;
        case Level::Warn:
            return spdlog::level::warn;
        case Level::Error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

void init(const QString& program, const QString& file, Level level)
{
    std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    QString refused;
    if (!file.isEmpty()) {
        try {
            sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.toStdString(),
                                                                                   kFileBytes, kFilesKept));
        } catch (const spdlog::spdlog_ex& e) {
            refused = QString::fromUtf8(e.what());
        }
    }
    auto logger = std::make_shared<spdlog::logger>(program.toStdString(), sinks.begin(), sinks.end());
    logger->set_level(toSpdlog(level));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    if (!refused.isEmpty()) {
        warn("log", QStringLiteral("writing to stderr only: %1").arg(refused));
    }
}

void write(Level level, const char* component, const QString& text)
{
    spdlog::log(toSpdlog(level), "{}: {}", component, redactText(text).toStdString());
}

}  // namespace sluice::log
