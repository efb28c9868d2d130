#include "flow/manifests.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QPointer>
#include <QtCore/QThread>
#include <QtCore/QThreadPool>

#include "core/kept_threads.h"
#include "store/manifest.h"

namespace sluice::flow {

Manifests::Manifests(QString folder, QObject* parent) : QObject(parent), m_folder(std::move(folder))
{
    QDir().mkpath(m_folder);
    keepThreads(m_closing);
}

Manifests::~Manifests() = default;

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
    QThread* home = thread();
    QPointer<Manifests> self(this);
    const QList<store::ManifestHolding> known = m_known ? m_known(run) : QList<store::ManifestHolding>();
    QThreadPool::globalInstance()->start([self, home, run, known, name = file(run), owner = m_owner] {
        auto opened = store::Manifest::open(name, owner, known);
        Result<std::shared_ptr<store::Manifest>> result = fail(Error{});
        if (opened) {
            (*opened)->moveToThread(home);
            result = std::shared_ptr<store::Manifest>(std::move(*opened));
        } else {
            result = fail(opened.error());
        }
        // The application object lives as long as the loop that `home` runs; `self` is looked at only there.
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, run, result] {
            if (self) {
                self->opened(run, result);
            }
        });
    });
}

void Manifests::opened(qint64 run, const Result<std::shared_ptr<store::Manifest>>& manifest)
{
    Slot& slot = m_slots[run];
    slot.busy = false;
    const QList<Ready> waiting = std::exchange(slot.waiting, {});
    if (manifest) {
        slot.manifest = *manifest;
    } else {
        m_slots.remove(run);
    }
    for (const Ready& ready : waiting) {
        ready(manifest ? Result<store::Manifest*>(manifest->get())
                       : Result<store::Manifest*>(fail(manifest.error())));
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
    QPointer<Manifests> self(this);
    m_closing.start([self, run, manifest = std::move(manifest)]() mutable {
        manifest.reset();
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, run] {
            if (self) {
                self->closed(run);
            }
        });
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
