#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/answer.h"
#include "store/commit_mark.h"
#include "store/connection.h"
#include "store/file_watch.h"
#include "store/wal_watch.h"

namespace sluice::store {

/// The thread that writes one file.
///
/// It takes what is queued, up to 512 works or 2 ms of them, runs each in a savepoint of one transaction,
/// commits, and then sends the answers. While a commit waits for the disk the next group gathers, so there is
/// no idle wait. When the disk is full or fails, the whole group fails, and so does all that follows, until a
/// probe of 64 KiB is durable. A damaged file is not written again, and a damaged log is not moved into the
/// file: it is looked at each Options::lookMs and before each such move, also the one that closing makes.
/// @thread add, state and figures: any
class Writer {
public:
    /// `changed` is called on the writing thread when state() has changed.
    Writer(Database::Options options, std::function<void()> changed);
    /// Writes what is queued, then closes.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Blocking: opens the file and starts the thread.
    Result<void> start();
    void add(Database::Work work, std::unique_ptr<Answer> answer);
    Database::State state() const;
    Database::Figures figures() const;
    Mark mark() const;
    const Database::Opened& opened() const { return m_opened; }

private:
    using SteadyClock = std::chrono::steady_clock;
    struct Item {
        Database::Work work{};
        std::unique_ptr<Answer> answer{};
        Result<void> result{};
    };
    using Group = std::vector<Item>;

    Result<void> openFile();
    Result<void> openMark();
    /// The commit under way counts, and notes what the owner wants kept with it.
    Result<void> writeMark();
    /// Whether the files are still those that were opened, and the log is whole; if not, nothing is written
    /// any more.
    bool isSame();
    bool isLogWhole(WalWatch::Look look);
    /// Moves a log that is whole into the file.
    void moveLog(const QString& mode);
    void moveLongLog();
    void closeFile();
    void loop();
    bool take(Item& item);
    void writeGroup();
    /// @return the error that undoes the whole group, if there is one
    Result<void> runGroup(Group& group);
    Result<void> runOne(Item& item);
    Result<void> commit();
    void undo();
    void refuse(Group group, const Error& error);
    void refuseQueued();
    void probe();
    void setTrouble(Trouble trouble, const Error& error);
    void setDamaged(const Damage& damage);
    void setWritable();
    void count(SteadyClock::duration took, size_t works);

    Database::Options m_options;
    std::function<void()> m_changed;
    std::unique_ptr<Connection> m_connection{};  // writing thread only
    FileWatch m_watch;                           // writing thread only
    WalWatch m_walWatch;                         // writing thread only
    SteadyClock::time_point m_lookAt{};          // writing thread only
    qint64 m_moved{0};                           // pages of the log when it was last moved; as above
    std::unique_ptr<MarkFile> m_markFile{};      // writing thread only
    Database::Opened m_opened{};                 // complete once start() has returned
    Trouble m_trouble{Trouble::None};            // writing thread only
    Error m_error{};                             // writing thread only
    SteadyClock::time_point m_probeAt{};         // writing thread only

    mutable std::mutex m_mutex{};
    std::condition_variable m_wake{};
    std::deque<Item> m_queue{};
    bool m_stop{false};
    Database::State m_state{};
    Mark m_mark{};
    quint64 m_commits{0};
    quint64 m_writes{0};
    std::vector<double> m_commitMs{};  // ring of the last kRemembered

    std::thread m_thread{};
};

}  // namespace sluice::store
