#pragma once

#include <QtCore/QString>
#include <optional>

#include "core/error.h"

namespace sluice::store {

/// What was done to one of the files that a database lies in.
struct Damage {
    QString path{};
    Error error{};  ///< for whoever wants to write
};

/// Remembers which files an open database lies in, and tells when they are no longer the ones that were
/// opened: removed, replaced or made shorter by somebody else. SQLite itself would go on with what nobody
/// finds again.
/// @thread one at a time
class FileWatch {
public:
    explicit FileWatch(QString file) : m_file(std::move(file)) {}

    /// From here on the files are as they are now. `logLimit`: to this size SQLite itself cuts its log.
    void remember(qint64 logLimit);
    std::optional<Damage> look();
    /// Whether the database itself still has its name.
    bool isNamed() const;

private:
    struct Seen {
        quint64 device{};
        quint64 inode{};
        qint64 size{};
    };
    static std::optional<Seen> seen(const QString& path);
    std::optional<Damage> compare(const QString& path, std::optional<Seen>& before, qint64 mayShrinkTo) const;

    QString m_file;
    qint64 m_logLimit{};
    std::optional<Seen> m_main{};
    std::optional<Seen> m_log{};
    std::optional<Seen> m_index{};
};

}  // namespace sluice::store
