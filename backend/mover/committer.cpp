#include "mover/committer.h"

#include <QtCore/QJsonArray>

namespace sluice::mover {
namespace {

constexpr size_t kBatch = 256;
constexpr size_t kMostWaiting = 8 * kBatch;
constexpr int kMostOut = 8;
/// How long the first of a batch waits for company.
constexpr std::chrono::milliseconds kGather{50};

QJsonObject entryOf(const CopiedObject& object)
{
    return {{"name", object.name},
            {"size", static_cast<qint64>(object.sizeBytes)},
            {"crc32c", static_cast<qint64>(object.crc)},
            {"version", static_cast<qint64>(object.version)},
            {"srcVersion", static_cast<qint64>(object.sourceVersion)},
            {"etag", object.etag},
            {"kept", object.kept}};
}

}  // namespace

Committer::Committer(MoveHost& host, Progress& progress, StopFlag& stop)
    : m_host(host), m_progress(progress), m_stop(stop), m_thread([this] { work(); })
{
}

Committer::~Committer()
{
    {
        std::unique_lock lock(m_mutex);
        m_ending = true;
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return m_out == 0; });
    }
    m_thread.join();
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
        m_changed.wait_for(lock, kGather, [this] { return m_ending || m_flushing || m_waiting.size() >= kBatch; });
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
                    [this, since, batch = std::move(batch)](const Result<QJsonObject>& answer) {
                        answered(batch, since, answer);
                    });
}

void Committer::answered(const std::vector<CopiedObject>& batch, qint64 sinceUs, const Result<QJsonObject>& answer)
{
    if (answer) {
        qint64 kept = 0;
        qint64 replaced = 0;
        for (const CopiedObject& object : batch) {
            kept += object.kept ? 1 : 0;
            replaced += object.replaced ? 1 : 0;
        }
        m_progress.committed(static_cast<qint64>(batch.size()), kept, replaced);
        m_progress.passed(Hop::Commit, ObjectContext::nowUs() - sinceUs);
    } else {
        m_stop.raise(answer.error());
    }
    const std::lock_guard lock(m_mutex);
    m_failed = m_failed || !answer;
    --m_out;
    m_changed.notify_all();
}

}  // namespace sluice::mover
