#include "mover/claim_book.h"

#include <QtCore/QJsonArray>

#include "mover/host_ask.h"

namespace sluice::mover {

/// The mutex is held while it asks: a list must not overtake a later one.
Result<void> ClaimBook::tell(ObjectContext& context)
{
    QJsonArray open;
    for (const auto& [id, claim] : m_open) {
        open.append(claim);
    }
    m_untold = false;
    return askHost(m_host, QStringLiteral("uploads"), {{"open", open}}, context).map([](const QJsonObject&) {
    });
}

Result<void> ClaimBook::begun(const QString& id, const QJsonObject& claim, ObjectContext& context)
{
    const std::lock_guard lock(m_mutex);
    m_open[id] = claim;
    return tell(context);
}

void ClaimBook::ended(const QString& id)
{
    const std::lock_guard lock(m_mutex);
    m_untold = m_open.erase(id) > 0 || m_untold;
}

Result<void> ClaimBook::settle(ObjectContext& context)
{
    const std::lock_guard lock(m_mutex);
    return m_untold ? tell(context) : Result<void>();
}

}  // namespace sluice::mover
