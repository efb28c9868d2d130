#include "mover/bad_objects.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <algorithm>
#include <cerrno>

#include "core/units.h"
#include "mover/ends.h"

namespace sluice::mover {

namespace {

/// What two of them have in common if nothing but the object and the figures (sizes, versions) differ.
QString sortOf(const QString& object, const Error& error)
{
    static const QRegularExpression figures(QStringLiteral("[0-9]+"));
    constexpr qsizetype kNoWord = 8;  // a shorter name may be part of the sentence
    QString cause = error.cause;
    cause.remove('\'' + object + '\'');
    if (object.size() >= kNoWord) {
        cause.remove(object);
    }
    return toString(error.code) + '\n' + cause.replace(figures, QStringLiteral("#")) + '\n' +
           error.correction;
}

/// Whether it is for a reason that only this object has.
bool ofItsOwn(const Error& error)
{
    switch (error.code) {
        case ErrorCode::InvalidArgument:
        case ErrorCode::AlreadyExists:
        case ErrorCode::Aborted:
            return true;
        case ErrorCode::NotFound:
            return error.source == QLatin1String("mover") || error.source == QLatin1String("file");
        default:
            return false;
    }
}

}  // namespace

void BadObjects::add(const QString& object, const Error& error)
{
    const std::lock_guard lock(m_mutex);
    ++m_count;
    m_notTheirOwn += ofItsOwn(error) ? 0 : 1;
    m_code = m_count == 1 || m_code == error.code ? error.code : ErrorCode::FailedPrecondition;
    if (m_names.size() < kNamed) {
        m_names.append(object);
    }
    const QString sort = sortOf(object, error);
    const auto known =
        std::find_if(m_sorts.begin(), m_sorts.end(), [&sort](const Bad& bad) { return bad.sort == sort; });
    if (known != m_sorts.end()) {
        ++known->count;
    } else if (m_sorts.size() < kSorts) {
        m_sorts.append({.object = object, .error = error, .sort = sort, .count = 1});
    }
}

bool BadObjects::hopeless() const
{
    const std::lock_guard lock(m_mutex);
    return m_notTheirOwn >= kHopeless;
}

QString BadObjects::firstObject() const
{
    const std::lock_guard lock(m_mutex);
    return m_names.value(0);
}

std::optional<Error> BadObjects::summary(qint64 done, qint64 total) const
{
    const std::lock_guard lock(m_mutex);
    if (m_sorts.isEmpty()) {
        return std::nullopt;
    }
    Error error = m_sorts.first().error;
    const QString figures =
        QStringLiteral("%1 of %2, %3 not: ").arg(formatCount(done), formatCount(total), formatCount(m_count));
    if (m_count == 1) {
        error.message = figures + error.message;
        return error;
    }
    QStringList names;
    for (const QString& name : m_names) {
        names.append('\'' + name + '\'');
    }
    if (m_count > m_names.size()) {
        names.append(QStringLiteral("and %1 more").arg(formatCount(m_count - m_names.size())));
    }
    QStringList causes;
    QStringList corrections;
    qint64 untold = m_count;
    for (const Bad& bad : m_sorts) {
        QString cause = QStringLiteral("'%1': %2 (%3)").arg(bad.object, bad.error.message, bad.error.cause);
        if (bad.count > 1) {
            cause += QStringLiteral(", and %1 more of the same").arg(formatCount(bad.count - 1));
        }
        untold -= bad.count;
        causes.append(cause);
        if (!corrections.contains(bad.error.correction)) {
            corrections.append(bad.error.correction);
        }
    }
    if (untold > 0) {
        causes.append(QStringLiteral("and %1 of other kinds, which the log of the task tells")
                          .arg(formatCount(untold)));
    }
    error.code = m_code;
    error.message = figures + names.join(QStringLiteral(", "));
    error.cause = causes.join(QStringLiteral("; "));
    error.correction = corrections.join(QStringLiteral("; "));
    return error;
}

bool endsTheMove(const Error& error)
{
    const bool fenced = error.upstream && error.upstream->code == -ESHUTDOWN;
    return error.code == ErrorCode::Cancelled || fenced || isCephPoolGone(error) || isBucketGone(error);
}

}  // namespace sluice::mover
