#pragma once

#include <QtCore/QString>
#include <optional>

#include "core/error.h"
#include "store/file_watch.h"
#include "store/wal.h"

namespace sluice::store {

/// When a file must be read again, by its size and times: whenever they have changed; once more after that,
/// for a change within the same tick of the clock does not show; else at every 30th look.
class LookPace {
public:
    struct Stamp {
        qint64 size{};
        qint64 changedNs{};
        qint64 modifiedNs{};
        bool operator==(const Stamp&) const = default;
    };
    /// Counts as a look.
    bool isDue(const Stamp& now);

private:
    std::optional<Stamp> m_seen{};
    int m_same{0};  // looks in a row that saw m_seen
};

/// Tells when somebody has overwritten or cut the write-ahead log of an open database. SQLite does not look
/// at the sums of frames that it has written or read once: it goes on, and the next start loses what follows
/// the damage.
///
/// A look reads what the index says was committed, 16 MiB at most as a rule, in about 10 ms; LookPace spares
/// most of them. A log that grows, is moved into the file or is begun anew meanwhile, by whom ever, is not
/// taken for damaged.
///
/// It holds a descriptor of FILE-shm, and closing one ends the locks that this process has there: it must
/// outlive all connections of the process to that file.
/// @thread one at a time
class WalWatch {
public:
    enum class Look {
        IfChanged,
        Always,  ///< before what cannot be taken back
    };
    explicit WalWatch(QString file) : m_file(std::move(file)) {}
    ~WalWatch();
    WalWatch(const WalWatch&) = delete;
    WalWatch& operator=(const WalWatch&) = delete;

    /// Once a connection is open. @error as fileError
    Result<void> open();
    std::optional<Damage> look(Look when);
    /// How many frames of the log are in use; 0 also if that cannot be told.
    qint64 frames() const;

private:
    std::optional<wal::IndexHead> index() const;
    std::optional<LookPace::Stamp> stamp() const;
    Damage damaged(const QString& what) const;

    QString m_file;
    int m_log{-1};
    int m_index{-1};
    std::optional<wal::IndexHead> m_last{};
    LookPace m_pace{};
};

}  // namespace sluice::store
