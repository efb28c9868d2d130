#include "worker/frame_writer.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <utility>

#include "worker/frame.h"

namespace sluice::worker {
namespace {

constexpr int kPollMs = 200;

}  // namespace

FrameWriter::FrameWriter(int fd, qsizetype waitAboveBytes, std::function<void()> gone)
    : m_fd(fd), m_waitAboveBytes(waitAboveBytes), m_gone(std::move(gone)), m_thread([this] { loop(); })
{
}

void FrameWriter::finish()
{
    {
        const std::lock_guard lock(m_lock);
        m_closed = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void FrameWriter::send(QByteArray bytes, bool mayWait)
{
    {
        std::unique_lock lock(m_lock);
        if (mayWait) {
            m_changed.wait(lock,
                           [this] { return m_queuedBytes < m_waitAboveBytes || m_abandoned || m_closed; });
        }
        m_queuedBytes += bytes.size();
        m_queue.push_back(std::move(bytes));
    }
    m_changed.notify_all();
}

void FrameWriter::flush()
{
    std::unique_lock lock(m_lock);
    m_changed.wait(lock, [this] { return m_queuedBytes == 0 || m_abandoned; });
}

void FrameWriter::abandon()
{
    {
        const std::lock_guard lock(m_lock);
        m_abandoned = true;
    }
    m_changed.notify_all();
}

bool FrameWriter::abandoned()
{
    const std::lock_guard lock(m_lock);
    return m_abandoned;
}

void FrameWriter::loop()
{
    for (;;) {
        QByteArray bytes;
        {
            std::unique_lock lock(m_lock);
            m_changed.wait(lock, [this] { return !m_queue.empty() || m_closed || m_abandoned; });
            if (m_abandoned || m_queue.empty()) {
                return;
            }
            bytes = std::move(m_queue.front());
            m_queue.pop_front();
        }
        const qsizetype size = bytes.size();
        if (!writeAll(bytes)) {
            abandon();
            m_gone();
            return;
        }
        wipe(bytes);
        {
            const std::lock_guard lock(m_lock);
            m_queuedBytes -= size;
        }
        m_changed.notify_all();
    }
}

bool FrameWriter::writeAll(const QByteArray& bytes)
{
    qsizetype done = 0;
    while (done < bytes.size()) {
        const ssize_t n =
            ::send(m_fd, bytes.constData() + done, size_t(bytes.size() - done), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            done += n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            pollfd entry{.fd = m_fd, .events = POLLOUT, .revents = 0};
            ::poll(&entry, 1, kPollMs);
            if (abandoned()) {
                return false;
            }
        } else if (n >= 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

}  // namespace sluice::worker
