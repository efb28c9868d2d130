#include <QtCore/QFile>
#include <QtCore/QJsonArray>

#include "audit/audit_log.h"
#include "core/canonical_json.h"
#include "engine/methods_audit.h"
#include "patience.h"
#include "support/ctl.h"
#include "support/test_engine.h"

using namespace sluice;
using namespace sluice::test;

/// The methods of the engine on a real log of 700 records, asked over the wire by the real program.
class TestSluicectlAudit : public QObject {
    Q_OBJECT

    static constexpr int kRecords = 700;

    QTemporaryDir m_folder{};
    ManualClock m_clock{};
    std::unique_ptr<audit::AuditLog> m_log{};
    std::unique_ptr<TestEngine> m_engine{};

    QStringList on(const QStringList& command) const
    {
        return command + QStringList{"--state-dir", m_engine->stateDir()};
    }
    static QList<int> seqs(const Ctl& ctl)
    {
        QList<int> result;
        const QJsonArray records = ctl.json()["records"].toArray();
        for (const QJsonValue& record : records) {
            result.append(record["seq"].toInt());
        }
        return result;
    }

private Q_SLOTS:
    void initTestCase()
    {
        auto log = audit::AuditLog::open(m_folder.filePath("audit.db"), m_clock);
        QVERIFY2(log, log ? "" : qPrintable(log.error().toLine()));
        m_log = std::move(*log);
        int written = 0;
        for (int i = 1; i <= kRecords; ++i) {
            m_clock.advance(60'000);
            m_log->append({.principal = i == 3 ? "anna" : "operator B",
                           .action = i % 2 == 0 ? "flow.reset" : "keys.rotate",
                           .outcome = i % 100 == 0 ? "failed" : "verified",
                           .reason = i == 5 ? QString::fromUtf8("Grüße\u202e, \"alle\"") : QString(),
                           .objects = {QStringLiteral("R-%1/copy").arg(i % 10), "vega/osd/1"}},
                          this,
                          [&written](const Result<audit::Record>& record) { written += record ? 1 : 0; });
        }
        QTRY_COMPARE(written, kRecords);
        m_engine = std::make_unique<TestEngine>();
        engine::addAuditMethods(m_engine->table(), m_log.get());
        QVERIFY(m_engine->start());
    }

    void anOldRecordIsFound()
    {
        Ctl ctl(on({"audit", "list", "--by", "Anna"}));
        QCOMPARE(ctl.code(), 0);
        QVERIFY2(ctl.out().contains("anna  keys.rotate"), qPrintable(ctl.out()));
        QVERIFY2(ctl.out().endsWith("1 of 1 that match; 700 in all.\n"), qPrintable(ctl.out()));
    }

    void whatIsAskedForIsCombined_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QList<int>>("found");
        const auto row = [](const char* name, const QStringList& options, const QList<int>& found) {
            QTest::newRow(name) << options << found;
        };
        row("run and outcome", {"--run", "R-0", "--outcome", "failed", "--after", "400"}, {700, 600, 500});
        row("several outcomes", {"--outcome", "failed", "--outcome", "void", "--before", "250"}, {200, 100});
        row("outcomes in one", {"--outcome", "void,failed", "--before", "150"}, {100});
        row("object above", {"--object", "vega", "--limit", "2"}, {700, 699});
        row("group of methods", {"--action", "keys", "--before", "6", "--by", "operator b"}, {5, 1});
        row("text", {"--text", QString::fromUtf8("grüße \"vega/osd/1\"")}, {5});
        // Record 1 is of 2026-01-01 00:01:01.
        row("time", {"--since", "2026-01-01 00:05", "--until", "2026-01-01T00:08:00Z"}, {7, 6, 5});
        row("day", {"--until", "2026-01-01", "--limit", "1"}, {700});
        row("day before", {"--until", "2025-12-31"}, {});
    }

    void whatIsAskedForIsCombined()
    {
        QFETCH(QStringList, options);
        QFETCH(QList<int>, found);
        Ctl ctl(on(QStringList{"audit", "list", "--json"} + options));
        QCOMPARE(ctl.code(), 0);
        QCOMPARE(seqs(ctl), found);
        QCOMPARE(ctl.json()["total"].toInt(), kRecords);
    }

    /// More than one page holds.
    void allOfThemAreListedAndCounted()
    {
        Ctl ctl(on({"audit", "list", "--limit", "650", "--json"}));
        QCOMPARE(ctl.code(), 0);
        QCOMPARE(seqs(ctl).size(), 650);
        QCOMPARE(seqs(ctl).last(), 51);
        QCOMPARE(ctl.json()["matches"].toInt(), kRecords);
        Ctl text(on({"audit", "list", "--run", "R-3", "--limit", "1"}));
        QCOMPARE(text.code(), 0);
        QVERIFY2(text.out().endsWith("1 of 70 that match; 700 in all. Older ones: --before 693\n"),
                 qPrintable(text.out()));
        Ctl next(on({"audit", "list", "--run", "R-3", "--limit", "1", "--before", "693", "--json"}));
        QCOMPARE(next.code(), 0);
        QCOMPARE(seqs(next), QList<int>{683});
    }

    void thatNothingMatchesIsSaidOfAll()
    {
        Ctl ctl(on({"audit", "list", "--run", "R-77"}));
        QCOMPARE(ctl.code(), 0);
        QCOMPARE(ctl.out(), QString("No record matches; 700 records searched.\n"));
    }

    void whatIsNoTimeIsRefused()
    {
        Ctl ctl(on({"audit", "list", "--since", "yesterday"}));
        QCOMPARE(ctl.code(), 2);
        QVERIFY2(ctl.err().contains("--since is no time: yesterday"), qPrintable(ctl.err()));
        Ctl form(on({"audit", "export", "--form", "xml"}));
        QCOMPARE(form.code(), 4);
        QVERIFY2(form.err().contains("jsonl, csv"), qPrintable(form.err()));
    }

    /// Oldest first, over several parts, to the byte.
    void anExportHasTheBytesThatWereHashed()
    {
        const QString file = m_folder.filePath("records.jsonl");
        Ctl ctl(on({"audit", "export", "--output", file}));
        QCOMPARE(ctl.code(), 0);
        QCOMPARE(ctl.out(), QString());
        QVERIFY2(ctl.err().contains("700 records written to"), qPrintable(ctl.err()));
        QFile exported(file);
        QVERIFY(exported.open(QIODevice::ReadOnly));
        QString prev = audit::noPrevious();
        int lines = 0;
        while (!exported.atEnd()) {
            const QByteArray line = exported.readLine();
            const QJsonObject record = QJsonDocument::fromJson(line).object();
            const qsizetype end = line.lastIndexOf(",\"hash\":\"");
            QCOMPARE(sha256Of(line.left(end) + '}'), record["hash"].toString());
            QCOMPARE(record["seq"].toInt(), ++lines);
            QCOMPARE(record["prev"].toString(), prev);
            prev = record["hash"].toString();
        }
        QCOMPARE(lines, kRecords);
        QCOMPARE(prev, m_log->head());
    }

    void anExportGoesToAPipeAndIsFilteredToo()
    {
        Ctl ctl(on({"audit", "export", "--form", "csv", "--run", "R-5", "--before", "20"}));
        QCOMPARE(ctl.code(), 0);
        const QStringList lines = ctl.out().split("\r\n");
        QCOMPARE(lines.size(), 4);
        QVERIFY(lines[0].startsWith("seq,time,principal,role"));
        QVERIFY2(lines[1].startsWith("5,2026-01-01T00:05:01.000Z,operator B") &&
                     lines[1].contains(QString::fromUtf8("\"Grüße\u202e, \"\"alle\"\"\"")),
                 qPrintable(lines[1]));
        QVERIFY(lines[2].startsWith("15,"));
        // Over two parts, from the middle on: the line of names stands once, at the top.
        Ctl rest(on({"audit", "export", "--form", "csv", "--after", "150"}));
        QCOMPARE(rest.code(), 0);
        QVERIFY2(rest.out().startsWith("seq,time,"), qPrintable(rest.out().left(80)));
        QCOMPARE(rest.out().count("seq,time,"), 1);
        QCOMPARE(rest.out().count("\r\n"), kRecords - 150 + 1);
        Ctl none(on({"audit", "export", "--run", "R-77"}));
        QCOMPARE(none.code(), 0);
        QCOMPARE(none.out(), QString());
    }

    void aFileThatCannotBeWrittenIsSaid()
    {
        Ctl ctl(on({"audit", "export", "--output", m_folder.filePath("none/records.jsonl")}));
        QCOMPARE(ctl.code(), 4);
        QVERIFY2(ctl.err().contains("cannot be written"), qPrintable(ctl.err()));
    }
};

QTEST_GUILESS_MAIN(TestSluicectlAudit)
#include "tst_sluicectl_audit.moc"
