#include <QtCore/QRandomGenerator>
#include <QtTest/QSignalSpy>

#include "audit/chain_rows.h"
#include "audit/record_export.h"
#include "audit/record_search.h"
#include "audit_fixture.h"
#include "core/canonical_json.h"
#include "store/schema.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using audit::Record;
using audit::RecordFilter;
using audit::RecordQuery;
using audit::RecordScan;
using audit::RecordSearch;

namespace {

const QStringList kPeople{"anna", "operator B", "engine"};
const QStringList kActions{"flow.submit", "flow.reset", "keys.rotate", "keys.renew", "keysmith"};
const QStringList kOutcomes{"intent", "verified", "failed", "not verified"};

/// The same, in the plainest way: what a person means by these words.
bool isMeant(const RecordFilter& filter, const Record& record)
{
    const auto same = [](const QString& a, const QString& b) {
        return a.compare(b, Qt::CaseInsensitive) == 0;
    };
    const auto under = [](const QString& name, const QString& top, QChar separator) {
        return name.compare(top, Qt::CaseInsensitive) == 0 ||
               name.startsWith(top + separator, Qt::CaseInsensitive);
    };
    const qint64 at = fromRfc3339(record.time);
    bool run = filter.run.isEmpty() || same(record.detail["answer"]["run"].toString(), filter.run);
    bool object = filter.object.isEmpty();
    for (const QString& one : record.objects) {
        run = run || under(one, filter.run, '/');
        object = object || under(one, filter.object, '/');
    }
    return run && object && (filter.by.isEmpty() || same(record.principal, filter.by)) &&
           (filter.action.isEmpty() || under(record.action, filter.action, '.')) &&
           (filter.outcomes.isEmpty() || filter.outcomes.contains(record.outcome)) &&
           (filter.sinceMs == 0 || at >= filter.sinceMs) && (filter.untilMs == 0 || at < filter.untilMs) &&
           (filter.text.isEmpty() || record.reason.contains(filter.text, Qt::CaseInsensitive));
}

}  // namespace

class TestAuditSearch : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    FakeClock m_clock{};
    std::unique_ptr<AuditLog> m_log{};
    QList<Record> m_records{};

    QString file() const { return m_folder->filePath("audit.db"); }
    void reopen()
    {
        m_log.reset();
        auto opened = AuditLog::open(file(), m_clock);
        QVERIFY2(opened.has_value(), opened ? "" : qPrintable(opened.error().toLine()));
        m_log = std::move(*opened);
    }

    void add(Record record)
    {
        const auto added = appendNow(*m_log, record);
        QVERIFY(added.has_value());
        m_records.append(*added);
    }

    /// 300 records over ten hours, the clock of which goes back once.
    void addMany()
    {
        QRandomGenerator random(8);
        const auto oneOf = [&random](const QStringList& list) { return list[random.bounded(list.size())]; };
        QObject context;
        for (int i = 1; i <= 300; ++i) {
            m_clock.advance(i == 150 ? -3'600'000 : 120'000);
            const QString run = QStringLiteral("R-%1").arg(random.bounded(1, 13));
            Record record{.principal = oneOf(kPeople),
                          .action = oneOf(kActions),
                          .outcome = oneOf(kOutcomes),
                          .reason = i % 7 == 0 ? QStringLiteral("Disk full") : QString(),
                          .objects = {run, run + "/copy", QStringLiteral("vega/osd/%1").arg(i % 5)}};
            if (i % 10 == 0) {
                record.objects = {"flow/nightly"};
                record.detail = {{"answer", QJsonObject{{"run", run}}}};
            }
            m_log->append(record, &context, [this](const Result<Record>& added) {
                m_records.append(added.value_or(Record{}));
            });
        }
        QTRY_COMPARE(m_records.size(), 300);
    }

    RecordFilter anyFilter(QRandomGenerator& random) const
    {
        RecordFilter filter;
        const auto maybe = [&random] { return random.bounded(3) == 0; };
        filter.by = maybe() ? kPeople[random.bounded(3)].toUpper() : QString();
        filter.run = maybe() ? QStringLiteral("R-%1").arg(random.bounded(1, 14)) : QString();
        filter.object = maybe() ? QStringList{"vega",         "vega/osd", "vega/osd/3",
                                              "flow/nightly", "veg",      "R-1/copy"}[random.bounded(6)]
                                : QString();
        filter.action =
            maybe() ? QStringList{"flow", "keys", "keys.renew", "none"}[random.bounded(4)] : QString();
        if (maybe()) {
            filter.outcomes = QStringList{"failed", "not verified", "no such"}.mid(random.bounded(2));
        }
        const qint64 first = fromRfc3339(m_records.first().time);
        filter.sinceMs = maybe() ? first + random.bounded(600) * 60'000LL : 0;
        filter.untilMs = maybe() ? first + random.bounded(600) * 60'000LL : 0;
        filter.text = maybe() ? "disk FULL" : "";
        return filter;
    }

    RecordSearch::Page page(const RecordQuery& query, int limit)
    {
        return await<Result<RecordSearch::Page>>([&](QObject* c, auto done) {
                   m_log->search().find(
                       query, limit, [](const Record& r, const QByteArray&) { return QJsonValue(r.seq); }, c,
                       done);
               })
            .value_or(RecordSearch::Page{.next = -1});
    }

    /// Page by page, to the end.
    QList<qint64> findAll(RecordQuery query, int limit)
    {
        QList<qint64> found;
        for (int pages = 0; pages < 1000; ++pages) {
            const auto got = page(query, limit);
            for (const QJsonValue& seq : got.rows) {
                found.append(seq.toInteger());
            }
            if (got.rows.size() > limit || got.next <= 0) {
                return got.next == 0 && got.rows.size() <= limit ? found : QList<qint64>{-1};
            }
            (query.oldestFirst ? query.after : query.before) = got.next;
        }
        return {-1};
    }

    qint64 countAll(RecordQuery query)
    {
        qint64 sum = 0;
        for (int calls = 0; calls < 100; ++calls) {
            const auto counted = await<Result<RecordSearch::Count>>(
                [&](QObject* c, auto done) { m_log->search().count(query, c, done); });
            if (!counted) {
                return -1;
            }
            sum += counted->matches;
            if (counted->next == 0) {
                return sum;
            }
            query.before = counted->next;
        }
        return -1;
    }

    QList<qint64> meant(const RecordFilter& filter) const
    {
        QList<qint64> seqs;
        for (const Record& record : m_records) {
            if (isMeant(filter, record)) {
                seqs.prepend(record.seq);
            }
        }
        return seqs;
    }

    QList<qint64> found(const RecordFilter& filter) { return findAll({.filter = filter}, 100); }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_clock = {};
        m_records.clear();
        reopen();
    }

    void cleanup()
    {
        m_log.reset();
        m_folder.reset();
    }

    /// However much of the log is in the search tables.
    void whatIsFoundIsWhatIsMeant_data()
    {
        QTest::addColumn<int>("gap");
        QTest::newRow("all indexed") << 0;
        QTest::newRow("half indexed") << 170;
        QTest::newRow("nothing indexed") << 300;
    }

    void whatIsFoundIsWhatIsMeant()
    {
        QFETCH(int, gap);
        addMany();
        if (gap > 0) {
            QVERIFY(writeNow(m_log->database(), "DELETE FROM search_term WHERE seq <= ?", {gap}));
            QVERIFY(writeNow(m_log->database(), "DELETE FROM search_hour"));
            for (qsizetype i = gap; i < m_records.size(); ++i) {
                QVERIFY(writeNow(m_log->database(),
                                 [&](store::Tx& tx) { return audit::indexRecord(tx, m_records[i]); }));
            }
            QVERIFY(writeNow(m_log->database(), "UPDATE search_gap SET upto = ?", {gap}));
        }
        QRandomGenerator random(4);
        int hits = 0;
        for (int i = 0; i < 150; ++i) {
            const RecordFilter filter = anyFilter(random);
            QList<qint64> expected = meant(filter);
            hits += expected.isEmpty() ? 0 : 1;
            QCOMPARE(findAll({.filter = filter}, 7), expected);
            QCOMPARE(countAll({.filter = filter}), expected.size());
            std::reverse(expected.begin(), expected.end());
            QCOMPARE(findAll({.filter = filter, .oldestFirst = true}, 11), expected);
        }
        QVERIFY(hits > 40);
    }

    void numbersBoundWhatIsLookedAt()
    {
        for (int i = 1; i <= 9; ++i) {
            add(recordNumber(i));
        }
        QCOMPARE(findAll({.before = 6, .after = 3}, 10), QList<qint64>({5, 4}));
        QCOMPARE(findAll({.filter = {.by = "anna"}, .before = 6, .after = 3}, 10), QList<qint64>({5, 4}));
        QCOMPARE(countAll({.filter = {.by = "anna"}, .before = 6, .after = 3}), 2);
        QCOMPARE(countAll({.before = 6}), 5);
        QCOMPARE(findAll({.before = 4, .after = 3}, 10), QList<qint64>());
        QCOMPARE(findAll({.after = 9}, 10), QList<qint64>());
    }

    void pagesStayWhatTheyAreWhileRecordsAreAdded()
    {
        for (int i = 1; i <= 6; ++i) {
            add(recordNumber(i));
        }
        const auto first = page({.filter = {.by = "anna"}}, 2);
        QCOMPARE(first.rows, QJsonArray({6, 5}));
        add(recordNumber(7));
        QCOMPARE(page({.filter = {.by = "anna"}, .before = first.next}, 2).rows, QJsonArray({4, 3}));
        QCOMPARE(findAll({.filter = {.by = "anna"}, .after = 6}, 9), QList<qint64>({7}));
    }

    void eachWordStandsSomewhere()
    {
        Record record = recordNumber(1);
        record.principal = "operator B";
        record.reason = QString::fromUtf8("Grüße \"an\" alle \\ ELVIN");
        record.detail = {{"plan", QJsonObject{{"steps", QJsonArray{"break the lock"}}}}, {"sizeBytes", 4711}};
        add(record);
        add(recordNumber(2));
        const QString hash = m_records[0].hash;
        for (const QString& text :
             {QString("operator b"), QString("\"operator b\""),
              QString::fromUtf8("GRÜSSE an").replace("SS", "ß"), QString("\"the lock\" 4711"),
              QString("elvin \\"), QString("request-1"), QString("r-1"), hash, hash.left(8).toUpper(),
              QString("elvin   operator")}) {
            QVERIFY2(found({.text = text}) == QList<qint64>{1}, qPrintable(text));
        }
        for (const QString& text : {QString("\"lock the\""), QString("principal"), QString("operator zebra"),
                                    QString("steps"), QString("\"b operator\"")}) {
            QVERIFY2(found({.text = text}).isEmpty(), qPrintable(text));
        }
        // In every second hash; of two digits nobody means a hash.
        QVERIFY(found({.text = hash.mid(3, 7)}).isEmpty());
        QCOMPARE(found({.text = "\" "}), QList<qint64>({2, 1}));
        // The Kelvin sign is another way to write k.
        QCOMPARE(found({.text = QString(QChar(0x212a)) + "train"}), QList<qint64>());
        record.reason = QString(QChar(0x212a)) + "elvin";
        add(record);
        QCOMPARE(found({.text = "kelvin"}), QList<qint64>({3}));
    }

    void namesLongerThanTheIndexKeepsAreToldApart()
    {
        Record record = recordNumber(1);
        record.objects = {QString(300, 'x') + "1", "vega/"};
        add(record);
        record.objects = {QString(300, 'x') + "2"};
        add(record);
        QCOMPARE(found({.object = QString(300, 'x') + "2"}), QList<qint64>({2}));
        QCOMPARE(countAll({.filter = {.object = QString(300, 'x') + "2"}}), 1);
        QCOMPARE(found({.object = "vega/"}), QList<qint64>({1}));
    }

    /// A file of an earlier release: it keeps its chain, and the old records are entered by and by.
    void anOldFileIsEnteredByAndBy()
    {
        m_log.reset();
        QVERIFY(QFile::remove(file()) && QFile::remove(file() + ".head"));
        const QList<store::Migration> before = audit::chainSchema().mid(0, 2);
        QString prev = audit::noPrevious();
        {
            auto old = store::Database::open({.file = file(), .migrations = before});
            QVERIFY(old.has_value());
            for (int i = 1; i <= 1200; ++i) {
                Record record = recordNumber(i);
                record.seq = i;
                record.time = toRfc3339(m_clock.nowMs());
                record.prev = prev;
                const QByteArray body = record.canonicalBody();
                prev = sha256Of(body);
                (*old)->write(
                    [=](store::Tx& tx) {
                        return audit::insertRecord(tx, {i, prev}, body);
                    },
                    this, {});
            }
            QVERIFY(writeNow(**old, [](store::Tx&) { return Result<void>(); }));
        }
        reopen();
        QCOMPARE(found({.run = "R-7"}), QList<qint64>({7}));
        QSignalSpy indexed(&m_log->search(), &RecordSearch::indexed);
        QTRY_COMPARE(indexed.size(), 1);
        QCOMPARE(valueOf(m_log->database(), "SELECT upto FROM search_gap").toLongLong(), 0);
        QCOMPARE(valueOf(m_log->database(), "SELECT count(DISTINCT seq) FROM search_term").toLongLong(),
                 1200);
        QCOMPARE(found({.run = "R-7"}), QList<qint64>({7}));
        QCOMPARE(m_log->head(), prev);
        add(recordNumber(1201));
        QCOMPARE(m_records.last().prev, prev);
        const auto verified = verifyNow(*m_log);
        QVERIFY2(verified.ok, qPrintable(verified.why));
        QCOMPARE(verified.records, 1201);
        QCOMPARE(countAll({.filter = {.by = "anna"}}), 1201);
    }

    void oneStepLooksAtSoMuchAndNoMore()
    {
        for (int i = 1; i <= 40; ++i) {
            add(recordNumber(i));
        }
        RecordScan scan({.filter = {.text = "nowhere"}});
        QList<qint64> positions;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(m_log->database().readNow([&](store::Tx& tx) {
                return scan.find(tx, 100, [](const Record&, const QByteArray&) { return true; });
            }));
            positions.append(scan.position());
        }
        QCOMPARE(positions, QList<qint64>({31, 21, 11}));
        RecordScan terms({.filter = {.by = "anna", .outcomes = {"failed"}}});
        QVERIFY(m_log->database().readNow([&](store::Tx& tx) { return terms.count(tx, 10); }));
        QVERIFY(terms.isDone());  // the rarer leads: there is none
        RecordScan counted({.filter = {.by = "anna"}});
        QVERIFY(m_log->database().readNow([&](store::Tx& tx) { return counted.count(tx, 10); }));
        QCOMPARE(counted.matches(), 10);
        QCOMPARE(counted.position(), 31);
        RecordScan hours({.filter = {.sinceMs = m_clock.nowMs() + 3'600'000}});
        QVERIFY(m_log->database().readNow([&](store::Tx& tx) { return hours.count(tx, 10); }));
        QVERIFY(hours.isDone());  // no record of that hour is read
    }

    void anExportCanBeChecked()
    {
        Record record = recordNumber(1);
        record.reason = QString::fromUtf8("=Grüße, \"alle\"\n");
        add(record);
        add(recordNumber(2));
        QVERIFY(writeNow(m_log->database(), "UPDATE record SET body = ? WHERE seq = 2", {"no\nJSON"}));
        const auto lines = [this](audit::ExportForm form) {
            QStringList result;
            const auto got = await<Result<RecordSearch::Page>>([&](QObject* c, auto done) {
                m_log->search().find(
                    {.oldestFirst = true}, 10,
                    [form](const Record& r, const QByteArray& body) {
                        return QString::fromUtf8(audit::exportLine(form, r, body));
                    },
                    c, done);
            });
            for (const QJsonValue& line : got.value_or(RecordSearch::Page{}).rows) {
                result.append(line.toString());
            }
            return result;
        };
        const QStringList json = lines(audit::ExportForm::JsonLines);
        QCOMPARE(json.size(), 2);
        const QString end = ",\"hash\":\"" + m_records[0].hash + "\"}\n";
        QVERIFY2(json[0].endsWith(end), qPrintable(json[0]));
        QCOMPARE(sha256Of((json[0].chopped(end.size()) + '}').toUtf8()), m_records[0].hash);
        QCOMPARE(json[1].count('\n'), 1);
        QVERIFY2(json[1].startsWith("{\"seq\":2,\"unreadable\":\""), qPrintable(json[1]));
        const QStringList csv = lines(audit::ExportForm::Csv);
        QCOMPARE(csv[0], QString::fromUtf8("1,2026-01-01T03:14:08.123Z,anna,operator,sluicectl,flow.reset,2,"
                                           "started,R-1 vega/ceph-pool/train,\"'=Grüße, \"\"alle\"\"\n\","
                                           "request-1,%1\r\n")
                             .arg(m_records[0].hash));
        QCOMPARE(QString::fromUtf8(audit::exportHead(audit::ExportForm::Csv)).count(','), csv[1].count(','));
        QVERIFY(audit::exportHead(audit::ExportForm::JsonLines).isEmpty());
    }

    void aDamagedRecordIsToldNotPassedOver()
    {
        add(recordNumber(1));
        QVERIFY(writeNow(m_log->database(), "ALTER TABLE record RENAME TO gone"));
        const auto got = await<Result<RecordSearch::Page>>([&](QObject* c, auto done) {
            m_log->search().find(
                {}, 10, [](const Record&, const QByteArray&) { return QJsonValue(); }, c, done);
        });
        QVERIFY(!got);
    }
};

QTEST_GUILESS_MAIN(TestAuditSearch)
#include "tst_audit_search.moc"
