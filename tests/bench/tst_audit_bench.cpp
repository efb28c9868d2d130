#include <QtCore/QElapsedTimer>
#include <cstdio>

#include "audit/record_search.h"
#include "audit_fixture.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using audit::Record;
using audit::RecordQuery;
using audit::RecordSearch;

/// How long a page and a count take in a log of 100,000 records.
class TestAuditBench : public QObject {
    Q_OBJECT

    static constexpr int kRecords = 100'000;
    static constexpr double kPageMs = 100;

    QTemporaryDir m_folder{};
    FakeClock m_clock{};
    std::unique_ptr<AuditLog> m_log{};

    /// @return whether there is more
    double pageMs(const RecordQuery& query, RecordSearch::Page* page)
    {
        QElapsedTimer timer;
        timer.start();
        const auto got = await<Result<RecordSearch::Page>>([&](QObject* c, auto done) {
            m_log->search().find(
                query, 200, [](const Record& r, const QByteArray&) { return QJsonValue(r.toJson()); }, c,
                done);
        });
        *page = got.value_or(RecordSearch::Page{});
        return static_cast<double>(timer.nsecsElapsed()) / 1e6;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_log = std::move(*AuditLog::open(m_folder.filePath("audit.db"), m_clock));
        int written = 0;
        QElapsedTimer timer;
        timer.start();
        for (int i = 1; i <= kRecords; ++i) {
            m_clock.advance(1000);
            Record record = recordNumber(i);
            record.objects[0] = QStringLiteral("R-%1").arg(i / 20);
            record.principal = i % 3 == 0 ? "engine" : "operator B";
            record.action = i % 500 == 0 ? "keys.rotate" : "flow.reset";
            record.outcome = i % 1000 == 0 ? "failed" : i % 2 == 0 ? "intent" : "verified";
            record.detail = {{"detail", QString(400, 'd')}};
            m_log->append(record, this, [&written](const Result<Record>& r) { written += r ? 1 : 0; });
        }
        QTRY_COMPARE_WITH_TIMEOUT(written, kRecords, 300'000);
        std::printf("%d records written in %lld ms\n", kRecords, static_cast<long long>(timer.elapsed()));
    }

    void aPage_data()
    {
        QTest::addColumn<RecordQuery>("query");
        QTest::newRow("newest") << RecordQuery{};
        QTest::newRow("old page") << RecordQuery{.before = 1000};
        QTest::newRow("person") << RecordQuery{.filter = {.by = "operator B"}};
        QTest::newRow("old run") << RecordQuery{.filter = {.run = "R-3"}};
        QTest::newRow("object") << RecordQuery{.filter = {.object = "vega"}};
        QTest::newRow("action") << RecordQuery{.filter = {.action = "keys"}};
        QTest::newRow("outcomes") << RecordQuery{.filter = {.outcomes = {"failed", "refused", "void"}}};
        QTest::newRow("two common, never together")
            << RecordQuery{.filter = {.by = "engine", .action = "flow", .outcomes = {"refused", "failed"}}};
        const qint64 day = m_clock.nowMs() - 90'000'000;
        QTest::newRow("an old hour") << RecordQuery{.filter = {.sinceMs = day, .untilMs = day + 3'600'000}};
        QTest::newRow("text, everywhere") << RecordQuery{.filter = {.text = "operator"}};
        QTest::newRow("text, nowhere") << RecordQuery{.filter = {.text = "nowhere"}};
        QTest::newRow("text, of one person") << RecordQuery{.filter = {.by = "engine", .text = "nowhere"}};
    }

    void aPage()
    {
        QFETCH(RecordQuery, query);
        RecordSearch::Page page;
        double worst = 0;
        for (int i = 0; i < 5; ++i) {
            worst = std::max(worst, pageMs(query, &page));
        }
        QElapsedTimer timer;
        timer.start();
        qint64 matches = 0;
        double slowest = 0;
        int calls = 0;
        for (RecordQuery rest = query;; ++calls) {
            QElapsedTimer one;
            one.start();
            const auto counted = await<Result<RecordSearch::Count>>(
                [&](QObject* c, auto done) { m_log->search().count(rest, c, done); });
            QVERIFY(counted.has_value());
            slowest = std::max(slowest, static_cast<double>(one.nsecsElapsed()) / 1e6);
            matches += counted->matches;
            rest.before = counted->next;
            if (counted->next == 0) {
                break;
            }
        }
        std::printf(
            "%-28s page of %3lld: %6.1f ms worst of 5; %6lld counted in %4lld ms, %d calls, %5.1f ms "
            "the longest\n",
            QTest::currentDataTag(), static_cast<long long>(page.rows.size()), worst,
            static_cast<long long>(matches), static_cast<long long>(timer.elapsed()), calls + 1, slowest);
        QVERIFY2(worst < kPageMs, "a page takes longer than is promised");
    }
};

QTEST_GUILESS_MAIN(TestAuditBench)
#include "tst_audit_bench.moc"
