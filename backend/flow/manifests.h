#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QThreadPool>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.h"

namespace sluice::store {
class Manifest;
struct ManifestHolding;
}  // namespace sluice::store

namespace sluice::flow {

/// The manifests of the runs at work, opened when first needed; opened and closed off the main loop.
/// @thread main loop only
class Manifests final : public QObject {
    Q_OBJECT

public:
    using Ready = std::function<void(Result<store::Manifest*>)>;

    explicit Manifests(QString folder, QObject* parent = nullptr);
    /// Waits for what is being opened or closed, and closes all: none outlives the application object, whose
    /// end would close the connections of their threads under them.
    ~Manifests() override;
    /// The manifest may be used during the call; what was asked of it by then is still answered if it is
    /// closed.
    void with(qint64 run, Ready ready);
    void close(qint64 run);
    /// Closes those that nobody asked for since the last call and that `inUse` does not know.
    void closeIdle(const std::function<bool(qint64 run)>& inUse);
    int openCount() const { return static_cast<int>(m_slots.size()); }
    QString file(qint64 run) const;
    /// Blocking: for start-up. The highest number of a run that has a manifest or logs here; 0 if there is
    /// none.
    qint64 highest(const QString& logFolder) const;
    bool exists(qint64 run) const;
    /// Manifests are opened only if they belong to the state of this id, or to none yet.
    void setOwner(const QString& state) { m_owner = state; }
    /// What is known of each run's manifest: one that holds less is not opened, and none is made in its
    /// place.
    void setKnown(std::function<QList<store::ManifestHolding>(qint64 run)> known)
    {
        m_known = std::move(known);
    }

private:
    struct Slot {
        std::shared_ptr<store::Manifest> manifest{};
        QList<Ready> waiting{};
        bool busy{false};   // being opened or closed
        bool asked{false};  // since the last closeIdle
    };
    struct Opened {
        qint64 run{};
        Result<std::shared_ptr<store::Manifest>> manifest{};
    };
    void open(qint64 run);
    void closed(qint64 run);
    void takeOpened();
    void opened(const Opened& one);

    QString m_folder;
    QString m_owner{};
    std::function<QList<store::ManifestHolding>(qint64 run)> m_known{};
    QHash<qint64, Slot> m_slots{};
    std::mutex m_mutex{};
    std::vector<Opened> m_opened{};  // not yet taken by the main loop; guarded by m_mutex
    QThreadPool m_files{};           // opens and closes
};

}  // namespace sluice::flow
