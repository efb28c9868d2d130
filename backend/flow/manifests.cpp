#include "flow/manifests.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QThread>
#include <QtCore/QThreadPool>

#include "core/kept_threads.h"
#include "store/manifest.h"

namespace sluice::flow {

Manifests::Manifests(QString folder, QObject* parent) : QObject(parent), m_folder(std::move(folder))
{
    QDir().mkpath(m_folder);
    keepThreads(m_files);
}

Manifests::~Manifests()
{
    m_files.waitForDone();
}

QString Manifests::file(qint64 run) const
{
    return QStringLiteral("%1/R-%2.db").arg(m_folder, QString::number(run));
}

qint64 Manifests::highest(const QString& logFolder) const
{
    qint64 number = 0;
    for (const QString& folder : {m_folder, logFolder}) {
        for (const QString& name :
             QDir(folder).entryList({QStringLiteral("R-*")}, QDir::Files | QDir::Dirs)) {
            number = qMax(number, name.mid(2).section('.', 0, 0).toLongLong());
        }
    }
    return number;
}

bool Manifests::exists(qint64 run) const
{
    return QFileInfo::exists(file(run));
}

void Manifests::with(qint64 run, Ready ready)
{
    Slot& slot = m_slots[run];
    slot.asked = true;
    if (slot.manifest) {
        ready(slot.manifest.get());
        return;
    }
    slot.waiting.append(std::move(ready));
    if (!slot.busy) {
        open(run);
    }
}

void Manifests::open(qint64 run)
{
    m_slots[run].busy = true;
    const QList<store::ManifestHolding> known = m_known ? m_known(run) : QList<store::ManifestHolding>();
    m_files.start([this, home = thread(), run, known, name = file(run), owner = m_owner] {
        auto manifest = store::Manifest::open(name, owner, known);
        Opened one{.run = run, .manifest = fail(Error{})};
        if (manifest) {
            (*manifest)->moveToThread(home);
            one.manifest = std::shared_ptr<store::Manifest>(std::move(*manifest));
        } else {
            one.manifest = fail(manifest.error());
        }
        {
            // Not in the event: one that is dropped unread would close the file while Qt holds the lock of
            // the events, for which the file's own thread may wait.
            const std::scoped_lock lock(m_mutex);
            m_opened.push_back(std::move(one));
        }
        QMetaObject::invokeMethod(this, &Manifests::takeOpened, Qt::QueuedConnection);
    });
}

void Manifests::takeOpened()
{
    std::vector<Opened> arrived;
    {
        const std::scoped_lock lock(m_mutex);
        arrived.swap(m_opened);
    }
    for (const Opened& one : arrived) {
        opened(one);
    }
}

void Manifests::opened(const Opened& one)
{
    Slot& slot = m_slots[one.run];
    slot.busy = false;
    const QList<Ready> waiting = std::exchange(slot.waiting, {});
    if (one.manifest) {
        slot.manifest = *one.manifest;
    } else {
        m_slots.remove(one.run);
    }
    for (const Ready& ready : waiting) {
        ready(one.manifest ? Result<store::Manifest*>(one.manifest->get())
                           : Result<store::Manifest*>(fail(one.manifest.error())));
    }
}

void Manifests::close(qint64 run)
{
    const auto it = m_slots.find(run);
    if (it == m_slots.end() || !it->manifest) {
        return;
    }
    it->busy = true;
    std::shared_ptr<store::Manifest> manifest = std::exchange(it->manifest, {});
    // Its end joins its threads and writes a checkpoint; no loop must run it meanwhile.
    manifest->moveToThread(nullptr);
    m_files.start([this, run, manifest = std::move(manifest)]() mutable {
        manifest.reset();
        QMetaObject::invokeMethod(
            this, [this, run] { closed(run); }, Qt::QueuedConnection);
    });
}

void Manifests::closed(qint64 run)
{
    // Opened again only now, so that nothing is written through the old file after it.
    if (m_slots[run].waiting.isEmpty()) {
        m_slots.remove(run);
    } else {
        open(run);
    }
}

void Manifests::closeIdle(const std::function<bool(qint64 run)>& inUse)
{
    QList<qint64> idle;
    for (auto it = m_slots.begin(); it != m_slots.end(); ++it) {
        if (!std::exchange(it->asked, false) && !inUse(it.key())) {
            idle.append(it.key());
        }
    }
    for (const qint64 run : idle) {
        close(run);
    }
}

}  // namespace sluice::flow
