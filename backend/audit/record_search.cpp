#include "audit/record_search.h"

#include <QtCore/QPointer>
#include <chrono>

#include "core/log.h"
#include "store/database.h"

namespace sluice::audit {
namespace {

/// About 5 ms of the reading thread.
constexpr int kStepEffort = 5'000;
/// Of the reading thread, for one answer.
constexpr std::chrono::milliseconds kCallTime{25};
constexpr qint64 kPageBytes = 2 * 1024 * 1024;
constexpr int kIndexedPerStep = 500;

struct Job {
    RecordScan scan;
    int limit{};
    RecordSearch::Shape shape{};
    std::chrono::steady_clock::duration spent{};
    qint64 bytes{};
    bool full{};
    QJsonArray rows{};
    std::function<void(const Result<void>&)> done{};

    qint64 next() const { return scan.isDone() ? 0 : scan.position(); }
};

Result<void> look(Job& job, store::Tx& tx)
{
    if (!job.shape) {
        return job.scan.count(tx, kStepEffort);
    }
    return job.scan.find(tx, kStepEffort, [&job](const Record& record, const QByteArray& body) {
        job.rows.append(job.shape(record, body));
        job.bytes += body.size();
        job.full = job.rows.size() >= job.limit || job.bytes >= kPageBytes;
        return !job.full;
    });
}

Result<void> step(Job& job, store::Tx& tx)
{
    const auto begun = std::chrono::steady_clock::now();
    auto looked = look(job, tx);
    job.spent += std::chrono::steady_clock::now() - begun;
    return looked;
}

void run(store::Database& database, QObject* context, const std::shared_ptr<Job>& job)
{
    QPointer<store::Database> alive(&database);
    QPointer<QObject> receiver(context);
    database.read([job](store::Tx& tx) { return step(*job, tx); }, context,
                  [alive, receiver, job](const Result<void>& read) {
                      if (!read || job->full || job->scan.isDone() || job->spent >= kCallTime || !alive) {
                          job->done(read);
                      } else {
                          run(*alive, receiver, job);
                      }
                  });
}

}  // namespace

RecordSearch::RecordSearch(store::Database& database, QObject* parent) : QObject(parent), m_database(database)
{
}

void RecordSearch::find(const RecordQuery& query, int limit, Shape shape, QObject* context,
                        std::function<void(Result<Page>)> done)
{
    auto job =
        std::make_shared<Job>(Job{.scan = RecordScan(query), .limit = limit, .shape = std::move(shape)});
    job->done = [found = job.get(), done = std::move(done)](const Result<void>& read) {
        done(read ? Result<Page>(Page{.rows = found->rows, .next = found->next()})
                  : Result<Page>(fail(read.error())));
    };
    run(m_database, context, job);
}

void RecordSearch::count(const RecordQuery& query, QObject* context, std::function<void(Result<Count>)> done)
{
    auto job = std::make_shared<Job>(Job{.scan = RecordScan(query)});
    job->done = [found = job.get(), done = std::move(done)](const Result<void>& read) {
        done(read ? Result<Count>(Count{.matches = found->scan.matches(), .next = found->next()})
                  : Result<Count>(fail(read.error())));
    };
    run(m_database, context, job);
}

void RecordSearch::indexOlder()
{
    auto more = std::make_shared<bool>(false);
    m_database.write(
        [more](store::Tx& tx) -> Result<void> {
            const auto left = audit::indexOlder(tx, kIndexedPerStep);
            if (!left) {
                return fail(left.error());
            }
            *more = *left;
            return {};
        },
        this,
        [this, more](const Result<void>& written) {
            if (!written) {
                // They are searched one by one then, and the next start tries again.
                log::warn("audit", QStringLiteral("older records are not indexed for searching: %1")
                                       .arg(written.error().toLine()));
            }
            if (written && *more) {
                indexOlder();
            } else {
                Q_EMIT indexed();
            }
        });
}

}  // namespace sluice::audit
