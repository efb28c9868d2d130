#include "mover/committer.h"

#include <QtCore/QJsonArray>

#include "model/object_name.h"
#include "mover/host_ask.h"

namespace sluice::mover {
namespace {

constexpr size_t kBatch = 256;
constexpr size_t kMostWaiting = 8 * kBatch;
constexpr int kMostOut = 8;
/// How long the first of a batch waits for company.
constexpr std::chrono::milliseconds kGather{50};

QJsonObject entryOf(const CopiedObject& object)
{
    QJsonObject entry{{"name", model::nameOnWire(object.name)},
                      {"size", static_cast<qint64>(object.sizeBytes)},
                      {"crc32c", static_cast<qint64>(object.crc)},
                      {"version", static_cast<qint64>(object.version)},
                      {"srcVersion", static_cast<qint64>(object.sourceVersion)},
                      {"etag", object.etag},
                      {"kept", object.kept}};
    if (object.attributesCrc) {
        entry["attributes"] = static_cast<qint64>(*object.attributesCrc);
    }
    return entry;
}

}  // namespace

Committer::Committer(MoveHost& host, Progress& progress, StopFlag& stop)
    : m_host(host), m_progress(progress), m_stop(stop), m_id(progress.begin(QString())), m_thread([this] {
          work();
      })
{
}

Committer::~Committer()
{
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        m_changed.notify_all();
    }
    m_thread.join();
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_out == 0; });
    }
    m_progress.end(m_id);
}

void Committer::add(CopiedObject object)
{
    std::unique_lock lock(m_mutex);
    while (m_waiting.size() >= kMostWaiting && !m_failed) {
        m_changed.wait(lock);
    }
    m_waiting.push_back(std::move(object));
    m_changed.notify_all();
}

void Committer::flush()
{
    std::unique_lock lock(m_mutex);
    m_flushing = true;
    m_changed.notify_all();
    m_changed.wait(lock, [this] { return m_failed || (m_waiting.empty() && m_out == 0); });
    m_flushing = false;
}

void Committer::work()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_ending || (!m_waiting.empty() && m_out < kMostOut); });
        if (m_ending) {
            return;
        }
        if (m_pauseDue) {
            const std::chrono::milliseconds pause(backOffMs(Obstacle::Record, m_tries));
            lock.unlock();
            static_cast<void>(m_stop.sleep(pause));
            lock.lock();
            m_pauseDue = false;
            continue;
        }
        m_changed.wait_for(lock, kGather,
                           [this] { return m_ending || m_flushing || m_waiting.size() >= kBatch; });
        if (m_ending) {
            return;
        }
        const auto count = static_cast<std::ptrdiff_t>(std::min(kBatch, m_waiting.size()));
        std::vector<CopiedObject> batch(std::make_move_iterator(m_waiting.begin()),
                                        std::make_move_iterator(m_waiting.begin() + count));
        m_waiting.erase(m_waiting.begin(), m_waiting.begin() + count);
        ++m_out;
        m_changed.notify_all();
        lock.unlock();
        send(std::move(batch));
        lock.lock();
    }
}

void Committer::send(std::vector<CopiedObject> batch)
{
    QJsonArray entries;
    for (const CopiedObject& object : batch) {
        entries.append(entryOf(object));
    }
    const qint64 since = ObjectContext::nowUs();
    m_host.askAsync(QStringLiteral("commit"), {{"entries", entries}},
                    [this, since, batch = std::move(batch)](const Result<QJsonObject>& answer) mutable {
                        answered(std::move(batch), since, answer);
                    });
}

void Committer::answered(std::vector<CopiedObject> batch, qint64 sinceUs, const Result<QJsonObject>& answer)
{
    const bool again = !answer && answer.error().retryable && !m_stop.raised();
    if (answer) {
        durable(batch, sinceUs);
    } else if (!again) {
        m_stop.raise(answer.error());
    }
    const std::lock_guard lock(m_mutex);
    if (again) {
        m_pauseDue = true;
        m_progress.block(m_id, hostBlockage(answer.error()), ++m_tries);
        m_waiting.insert(m_waiting.begin(), std::make_move_iterator(batch.begin()),
                         std::make_move_iterator(batch.end()));
    } else {
        m_tries = 0;
        m_progress.unblock(m_id);
    }
    m_failed = m_failed || (!answer && !again);
    --m_out;
    m_changed.notify_all();
}

void Committer::durable(const std::vector<CopiedObject>& batch, qint64 sinceUs)
{
    qint64 kept = 0;
    qint64 replaced = 0;
    for (const CopiedObject& object : batch) {
        kept += object.kept ? 1 : 0;
        replaced += object.replaced ? 1 : 0;
    }
    m_progress.committed(static_cast<qint64>(batch.size()), kept, replaced);
    m_progress.passed(Hop::Commit, ObjectContext::nowUs() - sinceUs, static_cast<qint64>(batch.size()));
}

}  // namespace sluice::mover
