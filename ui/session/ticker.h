#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "core/clock.h"

namespace sluice::session {

/// The one clock of the window: ages tick at 1 Hz, everywhere at the same moment.
class Ticker : public QObject {
    Q_OBJECT

public:
    explicit Ticker(const Clock& clock, QObject* parent = nullptr);

    qint64 nowMs() const { return m_clock.nowMs(); }
    /// Milliseconds since `thenMs`, never negative.
    qint64 ageMs(qint64 thenMs) const;
    /// Announces a second by hand; tests use it with a clock of their own.
    void fire();

Q_SIGNALS:
    void ticked();

private:
    const Clock& m_clock;
    QTimer m_timer{};
};

}  // namespace sluice::session
