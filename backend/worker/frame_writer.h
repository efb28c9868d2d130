#pragma once

#include <QtCore/QByteArray>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::worker {

/// Writes frames to a blocking socket from a thread of its own, so that a reader that is slow, or stopped,
/// holds up only those who choose to wait.
/// @thread any
class FrameWriter {
public:
    /// `gone` is called once, from the writer's thread, when the other end is closed.
    FrameWriter(int fd, qsizetype waitAboveBytes, std::function<void()> gone);
    ~FrameWriter() { finish(); }
    FrameWriter(const FrameWriter&) = delete;
    FrameWriter& operator=(const FrameWriter&) = delete;

    /// @param mayWait wait while more than `waitAboveBytes` are queued
    void send(QByteArray bytes, bool mayWait);
    /// Returns when everything queued was written, or the other end is gone.
    void flush();
    /// As flush, and ends the thread.
    void finish();
    /// The other end is gone: nothing is written or waited for any more.
    void abandon();

private:
    void loop();
    bool writeAll(const QByteArray& bytes);
    bool abandoned();

    const int m_fd;
    const qsizetype m_waitAboveBytes;
    std::function<void()> m_gone;
    std::mutex m_lock{};
    std::condition_variable m_changed{};
    std::deque<QByteArray> m_queue{};
    qsizetype m_queuedBytes{0};
    bool m_closed{false};
    bool m_abandoned{false};
    std::thread m_thread;
};

}  // namespace sluice::worker
