#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <QtCore/QVariant>
#include <functional>
#include <memory>
#include <mutex>

#include "core/error.h"
#include "store/commit_mark.h"
#include "store/file_watch.h"
#include "store/migration.h"

class QSqlQuery;

namespace sluice::store {

class Connection;
class Writer;
class Reader;

/// What a work function does its statements with.
/// A null QString is bound as empty text; an invalid QVariant as NULL. Statements are prepared once and kept
/// by their text, so values belong in `values`, never in `sql`.
/// @error  ResourceExhausted: disk full or not writable. AlreadyExists: the key is taken.
///         InvalidArgument: another constraint. DataLoss: the file is damaged.
///         Unavailable: another process holds the file. Internal: the statement itself.
/// @thread valid only inside a work function, on the thread that runs it
class Tx {
public:
    Result<void> exec(const QString& sql, const QVariantList& values = {});
    /// Calls `eachRow` for every row until it returns false.
    Result<void> query(const QString& sql, const QVariantList& values,
                       const std::function<bool(const QSqlQuery&)>& eachRow);

private:
    friend class Connection;
    explicit Tx(Connection& connection) : m_connection(connection) {}
    Connection& m_connection;
};

/// One SQLite file: a thread that writes, a thread that reads (started by the first read), each with its own
/// connection. Writes are taken in the order of the calls and made durable in groups (WAL, synchronous=FULL:
/// one sync for all that is queued); reads see what is committed when they begin, and only that, to their
/// end. The destructor writes all that is queued and then closes; answers still on their way reach contexts
/// that live.
/// @error  of writes: what the work function returned, or ResourceExhausted while the file cannot be written
///         (then nothing is written at all until a probe succeeds, tried every `probeMs`). A group whose last
///         sync failed is reported as not written; should the process be killed before the next commit, it
///         may be found.
/// @thread write, read, state and figures: any
class Database final : public QObject {
    Q_OBJECT

public:
    struct Options {
        QString file{};
        /// Of a file that is one part's.
        QList<Migration> migrations{};
        /// Of a file that several parts share; instead of `migrations`.
        QList<PartSchema> parts{};
        int busyTimeoutMs{5000};
        int probeMs{2000};
        /// More pages than this and the file counts as full; 0: no limit but the disk's.
        qint64 maxPages{0};
        /// Called on the writing thread after each durable commit, before its answers are sent.
        std::function<void()> afterCommit{};
        /// How often the files are looked at: are they still those that were opened, is the log whole?
        int lookMs{2000};
        /// With it the file has a mark (see Mark), and keeps this text with each commit. Called on the
        /// writing thread.
        std::function<QString()> note{};
    };
    /// What a marked file was when it was opened; `outside` is what the mark file beside it said.
    struct Opened {
        Mark mark{};
        std::optional<Mark> outside{};
        QString note{};
    };
    using Work = std::function<Result<void>(Tx&)>;
    using Done = std::function<void(const Result<void>&)>;

    /// Blocking: for start-up. Makes the file (0600) if there is none, checks it if it was not closed in
    /// order, and brings its schema up to date.
    /// @error  FailedPrecondition: written by a newer version. DataLoss: the file is damaged.
    ///         Unavailable, PermissionDenied, NotFound, ResourceExhausted: it cannot be opened.
    static Result<std::unique_ptr<Database>> open(Options options);
    ~Database() override;

    /// Queues `work`. `done` is called once on the thread of `context`, after the commit that holds the work,
    /// in the order of the calls; never if `context` is gone by then. Without a context it is called on this
    /// object's thread. A work that fails is undone alone; the others of its group are committed.
    void write(Work work, QObject* context, Done done);
    void read(Work work, QObject* context, Done done);
    /// Blocking: for start-up and tests.
    Result<void> readNow(const Work& work);

    struct State {
        bool writable{true};
        QString why{};
        /// If nothing is written any more because a file is not what was written.
        std::optional<Damage> damage{};
    };
    State state() const;
    /// Of the last durable commit; empty without Options::note. @thread any
    Mark mark() const;
    const Opened& opened() const;

    /// `commitP99Ms`: of the last 1,024 groups, from the start of the transaction until it was durable.
    struct Figures {
        quint64 commits{};
        quint64 writes{};
        double commitP99Ms{};
        quint64 queued{};
    };
    Figures figures() const;
    QString file() const { return m_file; }

Q_SIGNALS:
    void stateChanged();

protected:
    bool event(QEvent* event) override;

private:
    explicit Database(QString file);

    QString m_file;
    std::mutex m_mutex{};
    std::unique_ptr<Writer> m_writer;
    std::unique_ptr<Reader> m_reader;
};

}  // namespace sluice::store
