#include "actions/action.h"

#include "rpc/plan_method.h"

namespace sluice::actions {
namespace {

/// In the order of Outcome.
const QStringList& words()
{
    static const QStringList list{QStringLiteral("done"),           QStringLiteral("already so"),
                                  QStringLiteral("not needed"),     QStringLiteral("verified"),
                                  QStringLiteral("not verified"),   QStringLiteral("failed"),
                                  QStringLiteral("outcome unknown")};
    return list;
}

}  // namespace

QString toString(Outcome outcome)
{
    return words().at(static_cast<int>(outcome));
}

bool endsIt(const QString& word)
{
    return words().contains(word);
}

bool succeeded(const QString& word)
{
    const qsizetype at = words().indexOf(word);
    return at >= 0 && at <= static_cast<qsizetype>(Outcome::Verified);
}

bool mayPass(const Error& error)
{
    return error.retryable || error.code == ErrorCode::Unavailable ||
           error.code == ErrorCode::DeadlineExceeded || error.code == ErrorCode::OutcomeUnknown;
}

QString Description::planMethod() const
{
    return rpc::planMethodOf(method);
}

}  // namespace sluice::actions
