#include "engine/publication.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QPointer>
#include <QtCore/QThreadPool>

#include "core/log.h"
#include "engine/folder_lock.h"

namespace sluice::engine {

Publication::Publication(std::shared_ptr<const FolderLock> folder, QString stateDir, rpc::Endpoint self,
                         TokenChanged changed, QObject* parent)
    : QObject(parent),
      m_folder(std::move(folder)),
      m_stateDir(std::move(stateDir)),
      m_self(std::move(self)),
      m_changed(std::move(changed))
{
    restore({.endpoint = QStringLiteral("it is written at every start")});
}

void Publication::check()
{
    if (m_looking || m_ended) {
        return;
    }
    m_looking = true;
    QThreadPool::globalInstance()->start(
        [home = QPointer<Publication>(this), folder = m_folder, dir = m_stateDir, self = m_self] {
            // Another folder may have taken the name: what lies there is not this engine's.
            const rpc::Lost lost = folder->isNamed() ? rpc::whatIsLost(dir, self) : rpc::Lost{};
            QMetaObject::invokeMethod(QCoreApplication::instance(), [home, lost] {
                if (home) {
                    home->m_looking = false;
                    home->restore(lost);
                }
            });
        });
}

void Publication::restore(const rpc::Lost& lost)
{
    if (m_ended || (lost.token.isEmpty() && lost.endpoint.isEmpty())) {
        return;
    }
    if (!lost.token.isEmpty()) {
        const auto token = rpc::renewToken(m_stateDir);
        if (!token) {
            tell(fail(token.error()));
            return;
        }
        log::warn("sluiced", QStringLiteral("clients have a new token: %1").arg(lost.token));
        m_self.token = QString::fromLatin1(*token);
        m_changed(*token);
    }
    if (!lost.endpoint.isEmpty()) {
        const auto written = rpc::writeEndpoint(m_stateDir, m_self);
        if (written && m_published) {
            log::warn("sluiced", QStringLiteral("clients find this engine again: %1").arg(lost.endpoint));
        }
        m_published = m_published || written;
        tell(written);
    }
}

void Publication::tell(const Result<void>& written)
{
    if (!written && !m_failing) {
        log::error("sluiced",
                   QStringLiteral("no client can find this engine yet: %1").arg(written.error().toLine()));
    }
    m_failing = !written;
}

void Publication::end()
{
    m_ended = true;
    if (m_folder->isNamed()) {
        rpc::removeEndpoint(m_stateDir, m_self.engineId);
    }
}

}  // namespace sluice::engine
