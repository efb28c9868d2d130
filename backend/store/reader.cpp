#include "store/reader.h"

namespace sluice::store {

Reader::~Reader()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

void Reader::add(Database::Work work, Finished finished)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_queue.push_back(Item{std::move(work), std::move(finished)});
        if (!m_thread.joinable()) {
            m_thread = std::thread([this] { loop(); });
        }
    }
    m_wake.notify_one();
}

void Reader::loop()
{
    for (;;) {
        Item item;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stop || !m_queue.empty(); });
            if (m_queue.empty()) {
                break;
            }
            item = std::move(m_queue.front());
            m_queue.pop_front();
        }
        auto result = run(item.work);
        item.work = {};
        item.finished(std::move(result));
    }
    m_connection.reset();
}

Result<void> Reader::run(const Database::Work& work)
{
    if (!m_connection) {
        auto opened = Connection::open(m_file, Connection::Mode::QueryOnly, m_busyTimeoutMs);
        if (!opened) {
            return fail(opened.error());
        }
        m_connection = std::move(*opened);
    }
    if (auto begun = m_connection->exec(QStringLiteral("BEGIN")); !begun) {
        return begun;
    }
    auto result = m_connection->run(work);
    // Nothing was changed, so this only ends the view; after a severe error there is none to end.
    static_cast<void>(m_connection->exec(QStringLiteral("ROLLBACK")));
    return result;
}

}  // namespace sluice::store
