#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>

#include "core/canonical_json.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/units.h"
#include "core/visible_text.h"
#include "patience.h"

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

    void everyControlCharacterHasASpellingOfItsOwn()
    {
        const QHash<int, QByteArray> shortForms{{'\b', "\\b"}, {'\f', "\\f"}, {'\n', "\\n"}, {'\r', "\\r"},
                                                {'\t', "\\t"}};
        QSet<QByteArray> spellings;
        for (int c = 0; c < 0x20; ++c) {
            const QByteArray wanted =
                shortForms.value(c, "\\u00" + QByteArray::number(c, 16).rightJustified(2, '0'));
            const QByteArray spelled = canonicalJson({{"a", QString(QChar(c))}});
            QCOMPARE(spelled, "{\"a\":\"" + wanted + "\"}");
            QCOMPARE(canonicalJson({{QString(QChar(c)), 1}}), "{\"" + wanted + "\":1}");
            QCOMPARE(QJsonDocument::fromJson(spelled).object()["a"].toString(), QString(QChar(c)));
            spellings.insert(spelled);
        }
        QCOMPARE(spellings.size(), 0x20);
        // What is no control character stands as it is.
        QCOMPARE(canonicalJson({{"a", QString(QChar(0x7f)) + "/ "}}), QByteArray("{\"a\":\"\x7f/ \"}"));
    }

    void keysStandInTheOrderOfTheirCodeUnits()
    {
        QCOMPARE(canonicalJson({{"b", 1}, {"B", 2}, {"aa", 3}, {"a", 4}, {"", 5}}),
                 QByteArray("{\"\":5,\"B\":2,\"a\":4,\"aa\":3,\"b\":1}"));
    }

    void aFractionIsCutTowardsZero()
    {
        QCOMPARE(canonicalJson({{"a", 1.9}, {"b", -1.9}, {"c", false}}), QByteArray("{\"a\":1,\"b\":-1,\"c\":false}"));
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

    void namesCannotForge_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char* what, const QString& name, const char* shown) {
            QTest::newRow(what) << name << QString::fromUtf8(shown);
        };
        row("plain", "day-2/part-03.bin", "day-2/part-03.bin");
        row("letters of the world", QString::fromUtf8("grün/数据/données"), "grün/数据/données");
        row("line break", "a\nstate: done", "a\\nstate: done");
        row("carriage return and tab", "a\r\tb", "a\\r\\tb");
        row("escape sequence", "a\x1b[2Jb", "a\\u001b[2Jb");
        row("delete", QString("a") + QChar(0x7f), "a\\u007f");
        row("C1", QString("a") + QChar(0x9b) + "2J", "a\\u009b2J");
        row("next line", QString("a") + QChar(0x85), "a\\u0085");
        for (const char16_t c : {u'\u202e', u'\u202d', u'\u2066', u'\u2069', u'\u200e', u'\u200f', u'\u061c', u'\u200b', u'\u200c',
                                 u'\u200d', u'\u2060', u'\ufeff', u'\u00ad', u'\u2028', u'\u2029', u'\u3164', u'\ufe0f', u'\u00a0',
                                 u'\u034f', u'\u2800', u'\u180e', u'\ue000', u'\uffff'}) {
            const QString hex = QString::number(c, 16).rightJustified(4, '0');
            QTest::newRow(qPrintable(hex)) << QString("x") + QChar(c) + "y" << "x\\u" + hex + "y";
        }
        row("tag character", QString::fromUcs4(U"a\U000e0041b"), "a\\udb40\\udc41b");
        row("half of a pair", QString("a") + QChar(0xd800) + "b", "a\\ud800b");
        row("picture", QString::fromUcs4(U"\U0001f4e6"), "📦");
        row("what looks like an escape", "a\\u202e", "a\\\\u202e");
        row("a backslash before a line break", "a\\\n", "a\\\\\\n");
        row("a backslash that is none", "C:\\data", "C:\\data");
    }
    void namesCannotForge()
    {
        QFETCH(QString, name);
        QFETCH(QString, shown);
        QCOMPARE(visibleText(name), shown);
        // In JSON the value stays what it is, and nothing of it acts on a terminal.
        const QJsonObject row{{"name", name}};
        const QByteArray json = visibleJson(QJsonDocument(row).toJson(QJsonDocument::Compact));
        QCOMPARE(visiblePage(QString::fromUtf8(json)), QString::fromUtf8(json));
        if (!name.contains(QChar(0xd800))) {
            QCOMPARE(QJsonDocument::fromJson(json).object(), row);
        }
    }

    void whatIsNestedIsShownTheSame()
    {
        const QJsonObject row{{"a\n", QJsonArray{QString("b\t"), 3, QJsonObject{{"c", "d\r"}}}}};
        const QJsonObject shown{{"a\\n", QJsonArray{QString("b\\t"), 3, QJsonObject{{"c", "d\\r"}}}}};
        QCOMPARE(visibleRow(row), shown);
        QCOMPARE(visiblePage(QString("one\ntwo") + QChar(0x202e) + "\\n\t"), QString("one\ntwo\\u202e\\n\\t"));
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
