#include "mover/s3_version_count.h"

#include "core/redact.h"
#include "core/units.h"

namespace sluice::mover {
namespace {

const QString kVersions = QStringLiteral("versions");
constexpr qsizetype kLongestReason = 300;
constexpr int kTries = 3;
constexpr std::chrono::milliseconds kBetweenTries{100};

QString reasonOf(const Error& error)
{
    QString reason =
        error.cause.isEmpty() ? error.message : QStringLiteral("%1: %2").arg(error.message, error.cause);
    if (error.upstream) {
        reason += QStringLiteral(" (%1)").arg(
            QStringLiteral("%1 %2").arg(error.upstream->code).arg(error.upstream->text).trimmed());
    }
    return redactText(reason).left(kLongestReason);
}

}  // namespace

S3VersionCount::S3VersionCount(S3Place& place, CountLimits limits, ObjectContext& context)
    : m_place(place), m_limits(limits), m_context(context)
{
}

Error S3VersionCount::timeIsUp() const
{
    return Error{.code = ErrorCode::DeadlineExceeded,
                 .message = QStringLiteral("they are counted for no longer than %1 ms after the last object")
                                .arg(m_limits.ms)};
}

template <typename T>
Result<T> S3VersionCount::ask(const std::function<Result<T>(qint64)>& once)
{
    for (int tries = 1;; ++tries) {
        const qint64 leftMs = m_limits.ms - m_context.idleMs();
        if (leftMs <= 0) {
            return fail(m_refused.value_or(timeIsUp()));
        }
        auto told = once(leftMs);
        m_refused = told ? std::nullopt : std::optional(told.error());
        if (told || !told.error().retryable || tries == kTries || !m_context.rest(kBetweenTries)) {
            return told;
        }
    }
}

void S3VersionCount::run(const QString& only)
{
    const auto status = ask<QString>(
        [this](qint64 withinMs) { return m_place.client().bucketVersioning(m_place.bucket(), withinMs); });
    if (status && status->isEmpty()) {
        return;
    }
    // Who may not ask whether versions are kept may still list them.
    const QString& prefix = only.isEmpty() ? m_place.prefix() : only;
    s3::PageMarkers at;
    for (int pages = 0; pages < m_limits.pages; ++pages) {
        if (m_context.stopped()) {
            return;
        }
        const auto page = ask<s3::VersionPage>([&](qint64 withinMs) {
            return m_place.client().listVersions(m_place.bucket(), prefix, at, withinMs);
        });
        if (!page) {
            m_context.mayLeaveOutMore(kVersions, reasonOf(page.error()));
            return;
        }
        for (const QString& key : page->older) {
            if (only.isEmpty() || key == only) {
                m_context.leftOut(kVersions, 1, key);
            }
        }
        // A name comes before all that only begin like it.
        if (page->last || (!only.isEmpty() && page->nextKey != only)) {
            return;
        }
        if (page->nextKey == at.nextKey && page->nextId == at.nextId) {
            m_context.mayLeaveOutMore(kVersions, QStringLiteral("the gateway gives the same marker twice"));
            return;
        }
        at = *page;
    }
    m_context.mayLeaveOutMore(kVersions, QStringLiteral("only the first %1 pages of its versions are counted")
                                             .arg(formatCount(m_limits.pages)));
}

}  // namespace sluice::mover
