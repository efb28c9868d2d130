#pragma once

#include <QtCore/QString>
#include <memory>
#include <optional>

#include "core/error.h"

namespace sluice::audit {

/// The end of a chain: number and hash of its last record.
struct Head {
    qint64 seq{};
    QString hash{};

    bool operator==(const Head&) const = default;
    /// "SEQ HASH", for keeping in another file.
    QString toText() const;
    static std::optional<Head> fromText(const QString& text);
};

/// The file beside an audit log that keeps its head: one line of fixed length, overwritten in place after
/// each commit and not synced, so it may lag behind the log, never lead.
/// @thread write: one at a time
class HeadFile {
public:
    static QString pathFor(const QString& auditFile);
    /// @return nothing if there is none or it is not one
    static std::optional<Head> read(const QString& auditFile);

    static Result<std::unique_ptr<HeadFile>> open(const QString& auditFile);
    ~HeadFile();
    HeadFile(const HeadFile&) = delete;
    HeadFile& operator=(const HeadFile&) = delete;

    void write(const Head& head);

    /// What the transaction under way will make the head; written by `settle` once it is durable.
    void prepare(std::optional<Head> head) { m_prepared = std::move(head); }
    void settle();

private:
    HeadFile(QString path, int fd) : m_path(std::move(path)), m_fd(fd) {}

    QString m_path;
    int m_fd;
    bool m_failed{false};
    std::optional<Head> m_prepared{};
};

}  // namespace sluice::audit
