#include "audit/audit_log.h"

#include <QtCore/QPointer>

#include "audit/chain_rows.h"
#include "audit/head_file.h"
#include "audit/record_search.h"
#include "audit/search_index.h"
#include "core/canonical_json.h"
#include "core/log.h"
#include "core/redact.h"
#include "store/database.h"

namespace sluice::audit {
namespace {

constexpr int kRecordsPerStep = 2000;

/// What is known of the end of the chain when a log is opened.
struct Ends {
    Head inside{};
    Head last{};
    qint64 count{};
    QString witness{};
};

Result<Ends> readEnds(store::Database& database)
{
    Ends ends;
    auto read = database.readNow([&ends](store::Tx& tx) -> Result<void> {
        const auto inside = readHead(tx);
        const auto last = readLast(tx);
        const auto count = readCount(tx);
        if (!inside || !last || !count) {
            return fail(!inside ? inside.error() : !last ? last.error() : count.error());
        }
        ends = {.inside = inside->value_or(Head{}), .last = last->value_or(Head{}), .count = *count};
        auto witness = readWitness(tx);
        if (!witness) {
            return fail(witness.error());
        }
        ends.witness = *witness;
        return {};
    });
    if (!read) {
        return fail(read.error());
    }
    return ends;
}

/// Appends behind the head of the log, or behind `floor` if that is further: a log that lost its end keeps
/// the gap.
Result<Record> appendTo(store::Tx& tx, Record record, const Head& floor)
{
    const auto inside = readHead(tx);
    if (!inside) {
        return fail(inside.error());
    }
    Head tail = inside->value_or(Head{});
    if (floor.seq > tail.seq) {
        tail = floor;
    }
    record.seq = tail.seq + 1;
    record.prev = tail.seq > 0 ? tail.hash : noPrevious();
    const QByteArray body = record.canonicalBody();
    record.hash = sha256Of(body);
    if (auto added = insertRecord(tx, Head{record.seq, record.hash}, body); !added) {
        return fail(added.error());
    }
    if (auto indexed = indexRecord(tx, record); !indexed) {
        return fail(indexed.error());
    }
    return record;
}

struct Verifying {
    ChainWalk walk;
    bool more{true};
    std::function<void(Result<AuditLog::Verification>)> done{};
};

void verifyStep(store::Database& database, QObject* context, const std::shared_ptr<Verifying>& verifying)
{
    QPointer<store::Database> alive(&database);
    QPointer<QObject> receiver(context);
    database.read(
        [verifying](store::Tx& tx) -> Result<void> {
            verifying->more = verifying->walk.step(tx, kRecordsPerStep);
            return {};
        },
        context,
        [alive, receiver, verifying](const Result<void>& read) {
            if (!read) {
                verifying->done(fail(read.error()));
            } else if (!verifying->more) {
                verifying->done(verifying->walk.finish());
            } else if (alive) {
                verifyStep(*alive, receiver, verifying);
            } else {
                verifying->done(
                    fail(Error{.code = ErrorCode::Cancelled,
                               .message = QStringLiteral("The audit log was closed while it was checked"),
                               .correction = QStringLiteral("Start the engine and check again"),
                               .retryable = true,
                               .source = QStringLiteral("audit")}));
            }
        });
}

}  // namespace

AuditLog::AuditLog(const Clock& clock, std::unique_ptr<HeadFile> headFile, Others others)
    : m_clock(clock), m_headFile(std::move(headFile)), m_others(std::move(others))
{
}

AuditLog::~AuditLog()
{
    delete m_database;  // its thread writes the head file to the last
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const QString& file, const Clock& clock)
{
    return open(file, clock, Others{});
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const QString& file, const Clock& clock, Others others)
{
    const std::optional<Head> kept = HeadFile::read(file);
    auto headFile = HeadFile::open(file);
    if (!headFile) {
        return fail(headFile.error());
    }
    std::unique_ptr<AuditLog> log(new AuditLog(clock, std::move(*headFile), std::move(others)));
    auto database = store::Database::open(
        {.file = file, .migrations = chainSchema(), .afterCommit = [head = log->m_headFile.get()] {
             head->settle();
         }});
    if (!database) {
        return fail(database.error());
    }
    log->m_database = database->release();
    log->m_database->setParent(log.get());
    const auto ends = readEnds(*log->m_database);
    if (!ends) {
        return fail(ends.error());
    }
    Head tail = ends->last;
    for (const Head& head : {ends->inside, kept.value_or(Head{}), log->m_others.known.value_or(Head{})}) {
        if (head.seq > tail.seq) {
            tail = head;
        }
    }
    if (tail.seq > ends->last.seq) {
        log->m_cutFrom = ends->last.seq + 1;
        log->m_cut =
            QStringLiteral("records %1 to %2 are missing at its end").arg(ends->last.seq + 1).arg(tail.seq);
        log::error("audit", QStringLiteral("%1 was cut off: %2").arg(file, log->m_cut));
    }
    log->m_witness = ends->witness;
    log->m_tail = std::make_unique<Head>(tail);
    log->m_count = ends->count;
    log->m_head = tail.seq > 0 ? tail.hash : noPrevious();
    log->m_search = new RecordSearch(*log->m_database, log.get());
    log->m_search->indexOlder();
    return log;
}

void AuditLog::append(Record record, QObject* context, std::function<void(Result<Record>)> done)
{
    record.time = toRfc3339(m_clock.nowMs());
    record.reason = redactText(record.reason);
    record.detail = redactTexts(record.detail);
    auto kept = std::make_shared<Record>(std::move(record));
    QPointer<QObject> receiver(context ? context : this);
    m_database->write(
        [kept, floor = *m_tail, headFile = m_headFile.get(),
         witness = m_others.witness](store::Tx& tx) -> Result<void> {
            headFile->prepare({});
            if (witness) {
                if (auto told = writeWitness(tx, witness()); !told) {
                    return told;
                }
            }
            auto added = appendTo(tx, *kept, floor);
            if (!added) {
                return fail(added.error());
            }
            *kept = std::move(*added);
            headFile->prepare(Head{kept->seq, kept->hash});
            return {};
        },
        this,
        [this, kept, receiver, done = std::move(done)](const Result<void>& written) {
            if (written) {
                m_head = kept->hash;
                *m_tail = Head{kept->seq, kept->hash};
                ++m_count;
                Q_EMIT appended(*kept);
            }
            if (done && receiver) {
                done(written ? Result<Record>(*kept) : Result<Record>(fail(written.error())));
            }
        });
}

void AuditLog::list(qint64 before, int limit, QObject* context,
                    std::function<void(Result<QList<Record>>)> done)
{
    auto found = std::make_shared<QList<Record>>();
    m_database->read(
        [before, limit, found](store::Tx& tx) -> Result<void> {
            auto records = readRecords(tx, before, limit);
            if (!records) {
                return fail(records.error());
            }
            *found = std::move(*records);
            return {};
        },
        context,
        [found, done = std::move(done)](const Result<void>& read) {
            done(read ? Result<QList<Record>>(std::move(*found)) : Result<QList<Record>>(fail(read.error())));
        });
}

void AuditLog::verify(QObject* context, std::function<void(Result<Verification>)> done)
{
    // The head file is read before the log, so it cannot be ahead of what the log shows.
    auto verifying = std::make_shared<Verifying>(
        Verifying{ChainWalk(m_database->file(), m_others.known), true, std::move(done)});
    verifyStep(*m_database, context ? context : this, verifying);
}

bool AuditLog::writable() const
{
    return m_database->state().writable;
}

}  // namespace sluice::audit
