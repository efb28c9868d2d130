#pragma once

#include <QtCore/QString>

namespace sluice {

/// Time, injectable so that tests need no waiting.
/// @thread any; implementations are safe to call from several threads.
class Clock {
public:
    virtual ~Clock() = default;
    /// Wall clock, milliseconds since the epoch, UTC.
    virtual qint64 nowMs() const = 0;
    /// Milliseconds on a clock that never goes back; for durations and deadlines.
    virtual qint64 monotonicMs() const = 0;
};

class SystemClock final : public Clock {
public:
    qint64 nowMs() const override;
    qint64 monotonicMs() const override;
};

/// RFC 3339 in UTC with milliseconds: 2026-01-01T03:14:08.123Z. Empty for ms <= 0.
QString toRfc3339(qint64 ms);
/// @return 0 if the text is no RFC 3339 time.
qint64 fromRfc3339(const QString& text);

}  // namespace sluice
