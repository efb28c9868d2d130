#pragma once

#include <QtCore/QString>
#include <memory>
#include <optional>

#include "core/error.h"

namespace sluice::store {

/// Which database this is, for as long as it lives, and how many commits it has seen.
struct Mark {
    QString id{};
    qint64 commits{};

    bool operator==(const Mark&) const = default;
    /// "ID COMMITS", for keeping in another file.
    QString toText() const;
    static std::optional<Mark> fromText(const QString& text);
};

/// The file FILE.mark beside a database, which keeps its mark outside: one line of fixed length, overwritten
/// in place after each commit and not synced, so it may lag behind the database, never lead. A database that
/// lags behind its mark has lost commits.
/// @thread write: one at a time
class MarkFile {
public:
    /// @return nothing if there is none or it is not one
    static std::optional<Mark> read(const QString& database);
    static Result<std::unique_ptr<MarkFile>> open(const QString& database);
    ~MarkFile();
    MarkFile(const MarkFile&) = delete;
    MarkFile& operator=(const MarkFile&) = delete;

    void write(const Mark& mark);

private:
    explicit MarkFile(int fd) : m_fd(fd) {}

    int m_fd;
};

}  // namespace sluice::store
