#pragma once

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <algorithm>

#include "patience.h"

namespace sluice::test {

/// As QTest::qWaitFor, but looks again after every event and not every ten milliseconds.
template <typename Predicate>
[[nodiscard]] bool waitFor(Predicate done, int timeoutMs = kPatienceMs)
{
    QElapsedTimer time;
    time.start();
    while (!done()) {
        if (time.elapsed() > timeoutMs) {
            return false;
        }
        QTimer wake;
        wake.start(std::max(1, timeoutMs - static_cast<int>(time.elapsed())));
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    return true;
}

}  // namespace sluice::test
