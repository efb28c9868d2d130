#pragma once

#include <QtTest/QTest>

/// Compiled into every test: how long a condition is waited for before the test fails. Qt's own five seconds
/// are too few where other programs want the processor too, and a condition that is met costs no time.
namespace sluice::test {

inline constexpr int kPatienceMs = 60'000;

template <typename Condition>
[[nodiscard]] bool waitUntil(Condition condition)
{
    return QTest::qWaitFor(condition, kPatienceMs);
}

/// For what must not happen: whether it stays away for `ms`, in which it would come on an idle machine.
template <typename Condition>
[[nodiscard]] bool staysAway(Condition condition, int ms = 200)
{
    return !QTest::qWaitFor(condition, ms);
}

}  // namespace sluice::test

#undef QTRY_VERIFY
#define QTRY_VERIFY(condition) QTRY_VERIFY_WITH_TIMEOUT((condition), sluice::test::kPatienceMs)
#undef QTRY_VERIFY2
#define QTRY_VERIFY2(condition, message) \
    QTRY_VERIFY2_WITH_TIMEOUT((condition), (message), sluice::test::kPatienceMs)
#undef QTRY_COMPARE
#define QTRY_COMPARE(actual, expected) \
    QTRY_COMPARE_WITH_TIMEOUT((actual), (expected), sluice::test::kPatienceMs)
