#include "worker/frame_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QPointer>
#include <array>
#include <utility>

namespace sluice::worker {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

Error closedError(const QString& cause)
{
    return Error{.code = ErrorCode::Unavailable,
                 .message = QStringLiteral("The worker closed its connection to the engine"),
                 .cause = cause,
                 .correction = QStringLiteral("Look at the worker's log in the engine's logs folder"),
                 .retryable = true,
                 .source = QStringLiteral("worker")};
}

}  // namespace

FrameSocket::FrameSocket(int fd, qint64 maxQueuedBytes, QObject* parent)
    : QObject(parent),
      m_fd(fd),
      m_maxQueuedBytes(maxQueuedBytes),
      m_readable(std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Read)),
      m_writable(std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Write))
{
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    m_writable->setEnabled(false);
    connect(m_readable.get(), &QSocketNotifier::activated, this, &FrameSocket::readAvailable);
    connect(m_writable.get(), &QSocketNotifier::activated, this, &FrameSocket::writeQueued);
}

FrameSocket::~FrameSocket()
{
    close();
}

Result<void> FrameSocket::send(const Frame& frame)
{
    if (!isOpen()) {
        return fail(closedError({}));
    }
    Result<QByteArray> bytes = encode(frame);
    if (!bytes) {
        return fail(bytes.error());
    }
    if (m_queuedBytes + bytes->size() > m_maxQueuedBytes) {
        wipe(*bytes);
        return fail(
            Error{.code = ErrorCode::ResourceExhausted,
                  .message = QStringLiteral("The worker does not take what the engine sends"),
                  .cause = QStringLiteral("%1 bytes wait already").arg(m_queuedBytes),
                  .correction = QStringLiteral("Wait; the worker is ended by itself if it stays like this"),
                  .retryable = true,
                  .source = QStringLiteral("worker")});
    }
    m_queuedBytes += bytes->size();
    m_queue.push_back(std::move(*bytes));
    writeQueued();
    return {};
}

void FrameSocket::writeQueued()
{
    while (isOpen() && !m_queue.empty()) {
        QByteArray& front = m_queue.front();
        const ssize_t n = ::send(m_fd, front.constData() + m_frontWritten,
                                 size_t(front.size() - m_frontWritten), MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            // Any other failure shows at the reading side too, which still has to deliver what the worker
            // wrote before it ended.
            m_writable->setEnabled(errno == EAGAIN || errno == EWOULDBLOCK);
            return;
        }
        m_frontWritten += n;
        m_queuedBytes -= n;
        if (m_frontWritten == front.size()) {
            wipe(front);
            m_queue.pop_front();
            m_frontWritten = 0;
        }
    }
    m_writable->setEnabled(false);
}

void FrameSocket::readAvailable()
{
    const QPointer<FrameSocket> self(this);
    const auto bytes = std::make_unique<std::array<char, kReadBytes>>();
    while (isOpen()) {
        const ssize_t n = ::recv(m_fd, bytes->data(), bytes->size(), 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        if (n <= 0) {
            end(closedError(n < 0 ? QString::fromLocal8Bit(strerror(errno)) : QString()));
            return;
        }
        m_decoder.append(bytes->data(), n);
        explicit_bzero(bytes->data(), size_t(n));
        for (;;) {
            const Result<std::optional<Frame>> frame = m_decoder.next();
            if (!frame) {
                end(frame.error());
                return;
            }
            if (!*frame) {
                break;
            }
            Q_EMIT frameReceived(**frame);
            if (!self || !isOpen()) {
                return;
            }
        }
        if (size_t(n) < bytes->size()) {
            return;
        }
    }
}

void FrameSocket::end(const Error& error)
{
    close();
    Q_EMIT ended(error);
}

void FrameSocket::close()
{
    if (m_fd < 0) {
        return;
    }
    m_readable->setEnabled(false);
    m_writable->setEnabled(false);
    ::close(m_fd);
    m_fd = -1;
    for (QByteArray& bytes : m_queue) {
        wipe(bytes);
    }
    m_queue.clear();
    m_queuedBytes = 0;
    m_frontWritten = 0;
}

}  // namespace sluice::worker
