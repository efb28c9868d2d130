#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <mutex>
#include <optional>

#include "core/error.h"

namespace sluice::mover {

/// The objects of a move that could not be brought to their end, while the others went on.
/// @thread any
class BadObjects {
public:
    /// Names, and sorts of failures, told in one sentence; the task's log has all of them.
    static constexpr qsizetype kNamed = 10;
    static constexpr qsizetype kSorts = 5;
    /// So many that failed for no reason of their own.
    static constexpr qint64 kHopeless = 1000;

    void add(const QString& object, const Error& error);
    /// Whether, if none came through, the rest would end alike. A bad name, or an object that is there
    /// already or has changed, says nothing of the others.
    bool hopeless() const;
    /// One error for all of them: "816 of 1,001, 1 not: …".
    /// @param done objects that are there, of `total`
    /// @return nothing if none is bad
    std::optional<Error> summary(qint64 done, qint64 total) const;
    /// The first of them.
    QString firstObject() const;

private:
    /// The first of those that failed in the same way.
    struct Bad {
        QString object{};
        Error error{};
        QString sort{};
        qint64 count{};
    };

    mutable std::mutex m_mutex{};
    QStringList m_names{};
    QList<Bad> m_sorts{};
    qint64 m_count{0};
    qint64 m_notTheirOwn{0};
    ErrorCode m_code{};  ///< of all of them; FailedPrecondition if they differ
};

/// Whether it ends the whole move, for it would end every other object in the same way.
bool endsTheMove(const Error& error);

}  // namespace sluice::mover
