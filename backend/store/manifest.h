#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>

#include "core/error.h"
#include "store/migration.h"

namespace sluice::store {

class Database;

/// One object that a task has put in place and verified. `crc32c` as Ceph's checksum operation reports it
/// (initial value 0xffffffff) over the whole object; `version` is the destination's, `srcVersion` the
/// source's; `fence` is the number of the attempt that committed it.
struct ManifestEntry {
    QString task{};
    QString name{};
    qint64 size{};
    quint32 crc32c{};
    quint64 version{};
    quint64 srcVersion{};
    QString etag{};
    qint64 fence{};
    /// crc32c over attributes and omap, where they are kept; -1: not told.
    qint64 attributes{-1};

    bool operator==(const ManifestEntry&) const = default;
};

struct ManifestTotals {
    qint64 objects{};
    qint64 bytes{};
};

/// What is known elsewhere of a task's part of a manifest: at least so many objects.
struct ManifestHolding {
    QString task{};
    qint64 objects{};
};

/// The manifest of one run, in a file of its own: which objects each task has put in place.
/// @thread the one it lives on; callbacks come there if their context lives there
class Manifest final : public QObject {
    Q_OBJECT

public:
    using Done = std::function<void(const Result<void>&)>;
    using Entries = std::function<void(Result<QList<ManifestEntry>>)>;

    static QList<Migration> schema();
    /// Blocking; opens or makes the file. May be called on a worker thread and moved.
    /// @param owner id of the state it belongs to from now on; empty: nobody asks
    /// @param holdings what it must hold; a file that is not there is made only if that is nothing
    /// @error  DataLoss: it belongs to another state, is damaged, or holds less
    static Result<std::unique_ptr<Manifest>> open(const QString& file, const QString& owner = {},
                                                  const QList<ManifestHolding>& holdings = {});
    ~Manifest() override;

    /// Adds or replaces `entries` of `task`, all or none. An entry with a higher fence raises the task's
    /// fence.
    /// @error  Aborted: an entry's fence is lower than the task's, so a newer attempt owns the task
    void commit(const QString& task, QList<ManifestEntry> entries, QObject* context, Done done);
    /// Once done, nothing with a lower fence is committed any more. Never lowers it.
    void raiseFence(const QString& task, qint64 fence, QObject* context, Done done);
    /// Those of `names` that are there, in the order of `names`.
    void lookup(const QString& task, QStringList names, QObject* context, Entries done);
    /// Those of `names` that are not there, in the order of `names`.
    void missing(const QString& task, QStringList names, QObject* context,
                 std::function<void(Result<QStringList>)> done);
    /// At most `limit` entries after `afterName` (empty: from the first), ordered by the bytes of the name.
    void page(const QString& task, const QString& afterName, int limit, QObject* context, Entries done);
    void totals(const QString& task, QObject* context, std::function<void(Result<ManifestTotals>)> done);
    void removeNames(const QString& task, QStringList names, QObject* context, Done done);

    Database& database() { return *m_database; }

private:
    explicit Manifest(std::unique_ptr<Database> database);

    Database* m_database;  // child of this object, so that it moves to its thread with it
};

}  // namespace sluice::store
