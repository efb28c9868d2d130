#include "flow/manifests.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDir>
#include <QtCore/QPointer>
#include <QtCore/QThread>
#include <QtCore/QThreadPool>

#include "store/manifest.h"

namespace sluice::flow {

Manifests::Manifests(QString folder, QObject* parent) : QObject(parent), m_folder(std::move(folder))
{
    QDir().mkpath(m_folder);
}

Manifests::~Manifests() = default;

QString Manifests::file(qint64 run) const
{
    return QStringLiteral("%1/R-%2.db").arg(m_folder).arg(run);
}

void Manifests::with(qint64 run, Ready ready)
{
    Slot& slot = m_slots[run];
    if (slot.manifest) {
        ready(slot.manifest.get());
        return;
    }
    slot.waiting.append(std::move(ready));
    if (slot.waiting.size() > 1) {
        return;
    }
    QThread* home = thread();
    QPointer<Manifests> self(this);
    QThreadPool::globalInstance()->start([self, home, run, name = file(run)] {
        auto opened = store::Manifest::open(name);
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
    const QList<Ready> waiting = std::exchange(m_slots[run].waiting, {});
    if (manifest) {
        m_slots[run].manifest = *manifest;
    }
    for (const Ready& ready : waiting) {
        ready(manifest ? Result<store::Manifest*>(manifest->get()) : Result<store::Manifest*>(fail(manifest.error())));
    }
}

void Manifests::close(qint64 run)
{
    const auto it = m_slots.find(run);
    if (it != m_slots.end() && it->waiting.isEmpty()) {
        m_slots.erase(it);
    }
}

}  // namespace sluice::flow
