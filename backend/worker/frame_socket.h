#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <QtCore/QSocketNotifier>
#include <deque>
#include <memory>

#include "worker/frame.h"

namespace sluice::worker {

/// The engine's end of the socket to one worker: never blocks, queues what the worker does not take yet.
/// @thread main loop only
class FrameSocket final : public QObject {
    Q_OBJECT

public:
    /// Takes ownership of `fd`, a stream socket, and makes it non-blocking.
    FrameSocket(int fd, qint64 maxQueuedBytes, QObject* parent = nullptr);
    ~FrameSocket() override;

    /// Bytes are wiped once they are written.
    /// @error ResourceExhausted: the frame is too large or the queue is full. Unavailable: the socket is
    /// closed.
    [[nodiscard]] Result<void> send(const Frame& frame);
    /// Reads what has arrived by now, without waiting for the loop.
    void readAvailable();
    void close();
    bool isOpen() const { return m_fd >= 0; }
    qint64 queuedBytes() const { return m_queuedBytes; }

Q_SIGNALS:
    void frameReceived(const sluice::worker::Frame& frame);
    /// The worker closed its end, or wrote what is no frame (`error` says so). The socket is closed already.
    void ended(const sluice::Error& error);

private:
    void writeQueued();
    void end(const Error& error);

    int m_fd;
    qint64 m_maxQueuedBytes;
    qint64 m_queuedBytes{0};
    qsizetype m_frontWritten{0};
    std::deque<QByteArray> m_queue{};
    FrameDecoder m_decoder{};
    std::unique_ptr<QSocketNotifier> m_readable;
    std::unique_ptr<QSocketNotifier> m_writable;
};

}  // namespace sluice::worker
