#pragma once

#include <QtCore/QEventLoop>
#include <QtCore/QTimer>
#include <QtSql/QSqlQuery>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "patience.h"
#include "store/database.h"

/// What tests of later answers share.
namespace sluice::test {

inline Error noAnswer()
{
    return Error{.code = ErrorCode::DeadlineExceeded, .message = QStringLiteral("no answer came")};
}

/// Name of the error's code, "ok" if there is none.
template <typename T>
QString codeOf(const Result<T>& result)
{
    return result ? QStringLiteral("ok") : toString(result.error().code);
}

/// Starts a call that answers once with a T, and waits for the answer.
/// The event loop runs meanwhile; QTest's own waiting would look only every 10 ms.
template <typename T, typename Start>
T await(Start start)
{
    QObject context;
    QEventLoop loop;
    std::optional<T> answer;
    start(&context, [&](const T& value) {
        answer = value;
        loop.quit();
    });
    QTimer::singleShot(kPatienceMs, &loop, &QEventLoop::quit);
    if (!answer) {
        loop.exec();
    }
    return answer ? *answer : T(fail(noAnswer()));
}

inline Result<void> writeNow(store::Database& database, const store::Database::Work& work)
{
    return await<Result<void>>([&](QObject* context, auto done) { database.write(work, context, done); });
}

inline Result<void> writeNow(store::Database& database, const QString& sql, const QVariantList& values = {})
{
    return writeNow(database, [sql, values](store::Tx& tx) { return tx.exec(sql, values); });
}

/// First column of the first row; an invalid QVariant if there is none or the query fails.
inline QVariant valueOf(store::Database& database, const QString& sql, const QVariantList& values = {})
{
    QVariant value;
    const auto read = database.readNow([&](store::Tx& tx) {
        return tx.query(sql, values, [&value](const QSqlQuery& row) {
            value = row.value(0);
            return false;
        });
    });
    return read ? value : QVariant();
}

/// A gate between threads: closed until opened.
class Gate {
public:
    void open()
    {
        const std::scoped_lock lock(m_mutex);
        m_open = true;
        m_changed.notify_all();
    }
    bool pass()
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs), [this] { return m_open; });
    }

private:
    std::mutex m_mutex{};
    std::condition_variable m_changed{};
    bool m_open{false};
};

}  // namespace sluice::test
