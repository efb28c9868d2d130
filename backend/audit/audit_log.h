#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <functional>
#include <memory>

#include "audit/head_file.h"
#include "audit/record.h"
#include "core/clock.h"
#include "core/error.h"

namespace sluice::store {
class Database;
}

namespace sluice::audit {

class HeadFile;
class RecordSearch;

/// The record of who did what: append-only, each record chained to the one before by its hash, in a file of
/// its own. Beside it lies FILE.head with the last sequence number and hash, so that cutting off the end is
/// seen.
/// @thread the one it lives on; contexts live there too
class AuditLog final : public QObject {
    Q_OBJECT

public:
    /// What a walk along the chain found. `firstBadSeq` is 0 if the chain holds, or if the file is damaged
    /// where no record lies. `why` may hold a remark when `ok` is true (no head file).
    struct Verification {
        bool ok{};
        qint64 records{};
        QString head{};
        qint64 firstBadSeq{};
        QString why{};
    };

    /// What others know, and want known. `known`: the head that state.db keeps of this log. `witness` is
    /// called on the writing thread with each record; its text is kept beside the chain.
    struct Others {
        std::optional<Head> known{};
        std::function<QString()> witness{};
    };

    /// Blocking: for start-up. `clock` outlives the log.
    static Result<std::unique_ptr<AuditLog>> open(const QString& file, const Clock& clock, Others others);
    static Result<std::unique_ptr<AuditLog>> open(const QString& file, const Clock& clock);
    ~AuditLog() override;

    /// Assigns seq, time, prev and hash; the record is durable when `done` is called. Order is the order of
    /// calls.
    /// @error  ResourceExhausted: the log cannot be written, so nothing that needs a record may be done
    void append(Record record, QObject* context, std::function<void(Result<Record>)> done);
    /// Newest first, only those with seq < `before` (0: from the newest).
    void list(qint64 before, int limit, QObject* context, std::function<void(Result<QList<Record>>)> done);
    RecordSearch& search() { return *m_search; }
    /// Checks the whole chain, some thousand records at a time, so that other reads pass between.
    void verify(QObject* context, std::function<void(Result<Verification>)> done);
    /// The same on a file that no engine needs to hold open; the audit.db of a state folder is compared with
    /// what the state.db there keeps of it. Blocking, changes nothing, any thread.
    static Verification verifyFile(const QString& file);

    /// What `witness` last said before the log was opened; empty if never.
    QString witness() const { return m_witness; }
    /// Which records were missing at the end when the log was opened; empty if none.
    QString cut() const { return m_cut; }
    qint64 cutFrom() const { return m_cutFrom; }
    /// The last durable record, or the last that is known of; for keeping elsewhere.
    const Head& tail() const { return *m_tail; }
    /// Hash of the newest durable record; 64 zeros if there is none.
    QString head() const { return m_head; }
    qint64 count() const { return m_count; }
    bool writable() const;
    store::Database& database() { return *m_database; }

Q_SIGNALS:
    void appended(const sluice::audit::Record& record);

private:
    AuditLog(const Clock& clock, std::unique_ptr<HeadFile> headFile, Others others);

    const Clock& m_clock;
    std::unique_ptr<HeadFile> m_headFile;
    Others m_others;
    QString m_witness{};
    QString m_cut{};
    qint64 m_cutFrom{0};
    store::Database* m_database{nullptr};  // child of this object
    RecordSearch* m_search{nullptr};       // child of this object
    std::unique_ptr<Head> m_tail{};        // of the chain
    QString m_head{};
    qint64 m_count{0};
};

}  // namespace sluice::audit
