#include "mover/bad_objects.h"

#include <QtCore/QStringList>
#include <algorithm>
#include <cerrno>

#include "core/units.h"

namespace sluice::mover {

void BadObjects::add(const QString& object, const Error& error)
{
    const std::lock_guard lock(m_mutex);
    ++m_count;
    if (m_first.size() < kNamed) {
        m_first.append({.object = object, .error = error});
    }
}

qint64 BadObjects::count() const
{
    const std::lock_guard lock(m_mutex);
    return m_count;
}

QString BadObjects::firstObject() const
{
    const std::lock_guard lock(m_mutex);
    return m_first.isEmpty() ? QString() : m_first.first().object;
}

std::optional<Error> BadObjects::summary(qint64 done, qint64 total) const
{
    const std::lock_guard lock(m_mutex);
    if (m_first.isEmpty()) {
        return std::nullopt;
    }
    Error error = m_first.first().error;
    const QString figures = QStringLiteral("%1 of %2, %3 not: ")
                                .arg(formatCount(done), formatCount(total), formatCount(m_count));
    if (m_count == 1) {
        error.message = figures + error.message;
        return error;
    }
    QStringList names;
    QStringList causes;
    QStringList corrections;
    for (const Bad& bad : m_first) {
        names.append('\'' + bad.object + '\'');
        causes.append(QStringLiteral("'%1': %2 (%3)").arg(bad.object, bad.error.message, bad.error.cause));
        if (!corrections.contains(bad.error.correction)) {
            corrections.append(bad.error.correction);
        }
    }
    if (m_count > m_first.size()) {
        names.append(QStringLiteral("and %1 more").arg(formatCount(m_count - m_first.size())));
    }
    const bool alike = std::all_of(m_first.begin(), m_first.end(),
                                   [&error](const Bad& bad) { return bad.error.code == error.code; });
    error.code = alike ? error.code : ErrorCode::FailedPrecondition;
    error.message = figures + names.join(QStringLiteral(", "));
    error.cause = causes.join(QStringLiteral("; "));
    error.correction = corrections.join(QStringLiteral("; "));
    return error;
}

bool endsTheMove(const Error& error)
{
    const bool fenced = error.upstream && error.upstream->code == -ESHUTDOWN;
    return error.code == ErrorCode::Cancelled || fenced;
}

}  // namespace sluice::mover
