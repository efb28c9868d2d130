#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <QtCore/QScopeGuard>
#include <QtCore/QSemaphore>
#include <QtCore/QSet>
#include <QtCore/QTemporaryDir>
#include <QtCore/QThreadPool>

#include "core/canonical_json.h"
#include "core/clock.h"
#include "core/counted.h"
#include "core/csv.h"
#include "core/descriptors.h"
#include "core/error.h"
#include "core/kept_threads.h"
#include "core/moment.h"
#include "core/process_identity.h"
#include "core/read_file.h"
#include "core/units.h"
#include "core/utf8.h"
#include "core/visible_text.h"
#include "descriptor_famine.h"
#include "patience.h"

using namespace sluice;

class TestCore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCountHasItsForm()
    {
        QCOMPARE(counted(0, "task"), "0 tasks");
        QCOMPARE(counted(1, "task"), "1 task");
        QCOMPARE(counted(-1, "task"), "-1 tasks");
        QCOMPARE(counted(7439, "copy", "copies"), "7,439 copies");
        QCOMPARE(counted(1, "copy", "copies"), "1 copy");
        QCOMPARE(formOf(2, "holds", "hold"), "hold");
        QCOMPARE(formOf(1, "holds", "hold"), "holds");
    }

    void canonicalFormIsOneFormOnly()
    {
        const QJsonObject a{{"b", 1},
                            {"a", QJsonArray{true, QJsonValue(), "x\n\"\\\u00e9"}},
                            {"c", QJsonObject{{"z", -5}, {"y", 0}}}};
        QCOMPARE(canonicalJson(a),
                 QByteArray("{\"a\":[true,null,\"x\\n\\\"\\\\\xc3\xa9\"],\"b\":1,\"c\":{\"y\":0,\"z\":-5}}"));
        QCOMPARE(canonicalJson({{"n", 9007199254740991LL}}), QByteArray("{\"n\":9007199254740991}"));
        QCOMPARE(sha256Of(QByteArray("abc")),
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    void everyControlCharacterHasASpellingOfItsOwn()
    {
        const QHash<int, QByteArray> shortForms{
            {'\b', "\\b"}, {'\f', "\\f"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}};
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
        QCOMPARE(canonicalJson({{"a", 1.9}, {"b", -1.9}, {"c", false}}),
                 QByteArray("{\"a\":1,\"b\":-1,\"c\":false}"));
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
        const Error odd{.message = "m", .upstream = Upstream{"rgw.%2", 503, "%3 of %1"}};
        QVERIFY2(odd.toLine().contains("rgw.%2 503 %3 of %1"), qPrintable(odd.toLine()));
        QVERIFY(errorCodeFromString("NotYetInvented") == ErrorCode::Internal);
    }

    void theFirstByteThatIsNoText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("says");
        QTest::addColumn<int>("column");
        QTest::newRow("plain") << QByteArray("a\nb") << "" << 0;
        QTest::newRow("UTF-8") << QByteArray("\xEF\xBB\xBFgr\xC3\xBCn \xE2\x82\xAC \xF0\x9F\x98\x80") << ""
                               << 0;
        QTest::newRow("Latin-1") << QByteArray("flow: f\ntasks:\n  gr\xFCn")
                                 << "not UTF-8: byte 0xFC in line 3" << 5;
        QTest::newRow("at the end") << QByteArray("a\xC3") << "not UTF-8: byte 0xC3 in line 1" << 2;
        QTest::newRow("alone") << QByteArray("\n\n\xBF") << "not UTF-8: byte 0xBF in line 3" << 1;
        QTest::newRow("longer than needed")
            << QByteArray("\xC0\xAF") << "not UTF-8: byte 0xC0 in line 1" << 1;
        QTest::newRow("longer than needed, three")
            << QByteArray("\xE0\x9F\xBF") << "not UTF-8: byte 0xE0 in line 1" << 1;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << "not UTF-8: byte 0xED in line 1" << 1;
        QTest::newRow("too large") << QByteArray("\xF4\x90\x80\x80") << "not UTF-8: byte 0xF4 in line 1" << 1;
        QTest::newRow("UTF-16") << QByteArray(
                                       "\xFF\xFE"
                                       "f")
                                << "not UTF-8: byte 0xFF in line 1" << 1;
    }

    void theFirstByteThatIsNoText()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, says);
        QFETCH(int, column);
        const auto bad = firstBadByte(text);
        QCOMPARE(bad ? bad->toText() : QString(), says);
        QCOMPARE(bad ? bad->column : 0, column);
        QCOMPARE(nameFromBytes(text).has_value(), says.isEmpty());
    }

    void namesKeepTheirMark()
    {
        QCOMPARE(nameFromBytes("\xEF\xBB\xBF"
                               "a")
                     ->size(),
                 2);
        QCOMPARE(nameFromBytes("a")->size(), 1);
        QCOMPARE(nameFromBytes("")->size(), 0);
        QCOMPARE(shownBytes("gr\xFCn/ x"), QStringLiteral("gr%FCn/ x"));
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

    void momentsAreReadAsAPersonMeansThem()
    {
        const qint64 now = fromRfc3339("2026-11-19T03:14:08Z");
        const auto read = [now](const char* text, DayPart part = DayPart::Begin) {
            return toRfc3339(parseMoment(text, now, part));
        };
        QCOMPARE(read("2026-11-18"), QString("2026-11-18T00:00:00.000Z"));
        QCOMPARE(read("2026-11-18", DayPart::End), QString("2026-11-19T00:00:00.000Z"));
        QCOMPARE(read(" 2026-11-18 22:05 "), QString("2026-11-18T22:05:00.000Z"));
        QCOMPARE(read("2026-11-18 22:05", DayPart::End), QString("2026-11-18T22:05:00.000Z"));
        QCOMPARE(read("2026-11-18T22:05:01.250Z"), QString("2026-11-18T22:05:01.250Z"));
        QCOMPARE(read("2026-11-18T22:05:00+01:00"), QString("2026-11-18T21:05:00.000Z"));
        QCOMPARE(read("2h"), QString("2026-11-19T01:14:08.000Z"));
        QCOMPARE(read("1d", DayPart::End), QString("2026-11-18T03:14:08.000Z"));
        for (const char* bad : {"", "yesterday", "2026-13-01", "19.11.2026", "2026-11-18 25:00", "12"}) {
            QVERIFY2(read(bad).isEmpty(), bad);
        }
    }

    void aCellIsOneCellWhateverIsInIt()
    {
        QCOMPARE(csv::line({"a", "", "b c"}), QString("a,,b c\r\n"));
        QCOMPARE(csv::line({"a,b", "say \"so\"", "two\nlines", "r\r"}),
                 QString("\"a,b\",\"say \"\"so\"\"\",\"two\nlines\",\"r\r\"\r\n"));
        for (const char* formula : {"=1+1", "+1", "-1", "@a", "\tx", "\rx"}) {
            QCOMPARE(csv::inert(formula), '\'' + QString(formula));
        }
        QCOMPARE(csv::inert("a=b"), QString("a=b"));
        QCOMPARE(csv::inert(""), QString());
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
        for (const char16_t c :
             {u'\u202e', u'\u202d', u'\u2066', u'\u2069', u'\u200e', u'\u200f', u'\u061c', u'\u200b',
              u'\u200c', u'\u200d', u'\u2060', u'\ufeff', u'\u00ad', u'\u2028', u'\u2029', u'\u3164',
              u'\ufe0f', u'\u00a0', u'\u034f', u'\u2800', u'\u180e', u'\ue000', u'\uffff'}) {
            const QString hex = QString::number(c, 16).rightJustified(4, '0');
            QTest::newRow(qPrintable(hex)) << QString("x") + QChar(c) + "y"
                                           << "x\\u" + hex + "y";
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
        QCOMPARE(visiblePage(QString("one\ntwo") + QChar(0x202e) + "\\n\t"),
                 QString("one\ntwo\\u202e\\n\\t"));
    }

    void theDescriptorLimitIsRaisedAndGivenBack()
    {
        struct rlimit before {};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &before), 0);
        const struct rlimit small {
            std::min<rlim_t>(200, before.rlim_max), before.rlim_max
        };
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &small), 0);
        QCOMPARE(descriptorLimit(), 200);
        const int raised = raiseDescriptorLimit();
        QCOMPARE(raised, static_cast<int>(std::min<rlim_t>(before.rlim_max, kWantedDescriptors)));
        QCOMPARE(descriptorLimit(), raised);
        QProcess child;
        child.setChildProcessModifier([] { giveBackDescriptorLimit(); });
        child.start("/bin/sh", {"-c", "ulimit -S -n"});
        QVERIFY(child.waitForFinished());
        QCOMPARE(child.readAllStandardOutput().trimmed(), QByteArray("200"));
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &before), 0);
    }

    void keptThreadsWorkWithoutADescriptor()
    {
        QThreadPool pool;
        pool.setMaxThreadCount(3);
        keepThreads(pool);
        QSemaphore done;
        {
            const test::DescriptorFamine famine;
            for (int i = 0; i < 3; ++i) {
                pool.start([&done] { done.release(); });
            }
            QVERIFY(done.tryAcquire(3, 5000));
        }
        QCOMPARE(pool.expiryTimeout(), -1);
    }

    void whatIsReadIsARegularFileOfABoundedSize()
    {
        QTemporaryDir dir;
        QFile file(dir.filePath("f"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("12345") == 5);
        file.close();
        QCOMPARE(*readRegularFile(file.fileName(), 5), QByteArray("12345"));
        QVERIFY(readRegularFile(file.fileName(), 4).error().code == ErrorCode::InvalidArgument);
        QVERIFY(readRegularFile(dir.filePath("none"), 5).error().code == ErrorCode::NotFound);
        QVERIFY(readRegularFile(file.fileName() + "/x", 5).error().code == ErrorCode::NotFound);
        QVERIFY(readRegularFile("/proc/self/status", 1 << 20)->contains("Name:"));
        QVERIFY(readRegularFile("/proc/self/status", 10).error().code == ErrorCode::InvalidArgument);
        QVERIFY(QFile::link(file.fileName(), dir.filePath("link")));
        QCOMPARE(*readRegularFile(dir.filePath("link"), 5), QByteArray("12345"));
        QCOMPARE(::mkfifo(qPrintable(dir.filePath("fifo")), 0600), 0);
        for (const QString& path :
             {dir.filePath("fifo"), dir.path(), QString("/dev/null"), QString("/dev/tty")}) {
            const auto refused = readRegularFile(path, 5);
            QVERIFY2(!refused && refused.error().code == ErrorCode::InvalidArgument, qPrintable(path));
            QVERIFY(notRegular(path, 5).startsWith("it is a "));
        }
        QVERIFY(notRegular(file.fileName(), 5).isEmpty());
        QVERIFY(!notRegular(file.fileName(), 4).isEmpty());
        QVERIFY(notRegular(dir.filePath("none"), 5).isEmpty());
    }

    void processesAreToldApart()
    {
        const auto self = processOf(QCoreApplication::applicationPid());
        QVERIFY(self);
        QCOMPARE(self->uid, ::geteuid());
        QVERIFY(self->startTicks > 0);
        QVERIFY(self == processOf(self->pid));
        QVERIFY(!processOf(0) && !processOf(-1));
        QVERIFY(pidNamespace().startsWith("pid:["));
        // One that has ended and is not reaped yet is none any more. Its name may hold anything.
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_NAME, "a) R 1 (b");
            ::pause();
            ::_exit(0);
        }
        const auto reaped = qScopeGuard([child] {
            ::kill(child, SIGKILL);
            ::waitpid(child, nullptr, 0);
        });
        QTRY_VERIFY(processOf(child));
        QVERIFY(processOf(child)->startTicks >= self->startTicks);
        const auto sleeps = [child] {
            QFile stat(QStringLiteral("/proc/%1/stat").arg(child));
            return stat.open(QIODevice::ReadOnly) && stat.readAll().contains("(b) S ");
        };
        QTRY_VERIFY(sleeps());
        QVERIFY(!isStopped(child) && !isStopped(self->pid) && !isStopped(0));
        ::kill(child, SIGSTOP);
        QTRY_VERIFY(isStopped(child));
        QVERIFY(processOf(child));
        ::kill(child, SIGKILL);
        QTRY_VERIFY(!processOf(child));
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
