#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <array>

namespace sluice::engine {

/// How late the main loop is: a timer every 10 ms, and how much later than that it comes.
class LoopLag final : public QObject {
    Q_OBJECT

public:
    explicit LoopLag(QObject* parent = nullptr);
    /// Of the last 6,000 ticks (a minute), in milliseconds.
    double p99Ms() const;
    double maxMs() const;

private:
    void tick();

    static constexpr size_t kTicks = 6000;
    QTimer m_timer{};
    QElapsedTimer m_since{};
    std::array<float, kTicks> m_lag{};
    size_t m_count{};
};

}  // namespace sluice::engine
