#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "store/answer.h"
#include "store/connection.h"

namespace sluice::store {

/// The thread that reads one file, started by the first read. Each work sees one committed state of the file.
/// @thread add: any
class Reader {
public:
    Reader(QString file, int busyTimeoutMs) : m_file(std::move(file)), m_busyTimeoutMs(busyTimeoutMs) {}
    /// Answers what is queued, then closes.
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    using Finished = std::function<void(Result<void>)>;
    /// `finished` is called on the reading thread.
    void add(Database::Work work, Finished finished);

private:
    struct Item {
        Database::Work work{};
        Finished finished{};
    };
    void loop();
    Result<void> run(const Database::Work& work);

    const QString m_file;
    const int m_busyTimeoutMs;
    std::unique_ptr<Connection> m_connection{};  // reading thread only

    std::mutex m_mutex{};
    std::condition_variable m_wake{};
    std::deque<Item> m_queue{};
    bool m_stop{false};
    std::thread m_thread{};
};

}  // namespace sluice::store
