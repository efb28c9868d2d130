#include <QtCore/QJsonArray>
#include <QtTest/QTest>

#include "core/canonical_json.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/units.h"

using namespace sluice;

class TestCore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void canonicalFormIsOneFormOnly()
    {
        const QJsonObject a{{"b", 1}, {"a", QJsonArray{true, QJsonValue(), "x\n\"\\\u00e9"}}, {"c", QJsonObject{{"z", -5}, {"y", 0}}}};
        QCOMPARE(canonicalJson(a), QByteArray("{\"a\":[true,null,\"x\\n\\\"\\\\\xc3\xa9\"],\"b\":1,\"c\":{\"y\":0,\"z\":-5}}"));
        QCOMPARE(canonicalJson({{"n", 9007199254740991LL}}), QByteArray("{\"n\":9007199254740991}"));
        QCOMPARE(sha256Of(QByteArray("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    void errorsRoundTrip()
    {
        const Error error{.code = ErrorCode::OutcomeUnknown,
                          .message = "m",
                          .cause = "c",
                          .correction = "d",
                          .retryable = true,
                          .source = "s",
                          .upstream = Upstream{"ceph", -110, "timed out"}};
        QCOMPARE(Error::fromJson(error.toJson()).toJson(), error.toJson());
        QVERIFY(error.toLine().contains("-110"));
        QVERIFY(errorCodeFromString("NotYetInvented") == ErrorCode::Internal);
    }

    void unitsReadWell()
    {
        QCOMPARE(formatBytes(0), "0 B");
        QCOMPARE(formatBytes(1023), "1023 B");
        QCOMPARE(formatBytes(1536), "1.5 KiB");
        QCOMPARE(formatBytes(1.42 * 1024 * 1024 * 1024), "1.42 GiB");
        QCOMPARE(formatBytes(64.0 * 1024 * 1024), "64 MiB");
        QCOMPARE(formatDuration(12'345), "12 s");
        QCOMPARE(formatDuration(372'000), "6 min 12 s");
        QCOMPARE(formatDuration(54'180'000), "15 h 3 min");
        QCOMPARE(formatCount(7439), "7,439");
    }

    void aCharacterIsNotCutInTwo()
    {
        const QString text = QStringLiteral("a\U0001F600b");  // the middle one takes two units
        QCOMPARE(shortened(text, 1), QStringLiteral("a"));
        QCOMPARE(shortened(text, 2), QStringLiteral("a"));
        QCOMPARE(shortened(text, 3), QStringLiteral("a\U0001F600"));
        QCOMPARE(shortened(text, 4), text);
        QCOMPARE(shortened(text, 99), text);
        QCOMPARE(shortened(text, 0), QString());
    }

    void durationsAreReadOrRefused()
    {
        QCOMPARE(parseDuration("500ms"), 500);
        QCOMPARE(parseDuration("10s"), 10'000);
        QCOMPARE(parseDuration("5m"), 300'000);
        QCOMPARE(parseDuration("2h"), 7'200'000);
        for (const char* bad : {"", "s", "-5s", "5", "5 s", "1.5h", "999999999999999999999s", "99999999h"}) {
            QCOMPARE(parseDuration(bad), -1);
        }
    }

    void timesRoundTrip()
    {
        QCOMPARE(toRfc3339(1'767'237'248'123), "2026-01-01T03:14:08.123Z");
        QCOMPARE(fromRfc3339("2026-01-01T03:14:08.123Z"), 1'767'237'248'123);
        QCOMPARE(toRfc3339(0), QString());
        QCOMPARE(fromRfc3339("yesterday"), 0);
    }
};

QTEST_GUILESS_MAIN(TestCore)
#include "tst_core.moc"
