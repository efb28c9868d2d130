#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

#include "audit/record.h"
#include "core/canonical_json.h"
#include "fake_audit.h"
#include "pages_bench.h"
#include "ui/session/column.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/text_label.h"

using namespace sluice;
using test::PagesBench;

namespace {

constexpr int kAll = 660;
constexpr int kNewest = 500;  // as many as the engine pushes by itself

QString g_prev;

QJsonObject record(int seq)
{
    const bool odd = seq % 2 == 1;
    audit::Record record{.seq = seq,
                         .time = toRfc3339(test::kSceneMs - (kAll - seq) * 60'000LL),
                         .principal = seq == 5 ? "anna"
                                      : odd    ? "operator B"
                                               : "engine",
                         .role = "operator",
                         .via = "sluicectl",
                         .action = seq % 50 == 0 ? "keys.rotate" : "flow.reset",
                         .outcome = seq % 60 == 0 ? "failed"
                                    : odd         ? "intent"
                                                  : "verified",
                         .actionClass = 2,
                         .objects = {QStringLiteral("R-%1/copy").arg(seq % 40), "vega/osd/1"},
                         .prev = g_prev};
    record.hash = sha256Of(record.canonicalBody());
    g_prev = record.hash;
    QJsonObject row = record.toJson();
    row["id"] = QString::number(seq);
    return row;
}

/// 660 records, of which the topic has 500.
void sceneManyRecords(test::FakeEngine& engine, qint64 nowMs)
{
    test::sceneStalled(engine, nowMs);
    g_prev = audit::noPrevious();
    QList<QJsonObject> rows;
    for (int seq = 1; seq <= kAll; ++seq) {
        rows.prepend(record(seq));
    }
    engine.setRows(QStringLiteral("audit"), rows.mid(0, kNewest));
}

QList<QJsonObject> olderRecords()
{
    g_prev = audit::noPrevious();
    QList<QJsonObject> rows;
    for (int seq = 1; seq <= kAll - kNewest; ++seq) {
        rows.prepend(record(seq));
    }
    return rows;
}

/// The Audit page on that engine.
class AuditBench : public PagesBench {
public:
    AuditBench() : PagesBench(sceneManyRecords)
    {
        test::answerAudit(engine, olderRecords());
        key(Qt::Key_7);
    }

    QTableView* records() { return child<QTableView>("records"); }
    int rows() { return records()->model()->rowCount(); }
    QString id(int row) { return records()->model()->index(row, 0).data(session::IdRole).toString(); }
    QString current() { return records()->currentIndex().data(session::IdRole).toString(); }
    void type(const QString& field, const QString& text)
    {
        auto* edit = window().findChild<QLineEdit*>(field);
        QVERIFY2(edit != nullptr, qPrintable(field));
        edit->clear();
        QTest::keyClicks(edit, text);
    }
    QString foot() { return child<widgets::TextLabel>("recordsFoot")->text(); }
    QString none()
    {
        auto* none = child<widgets::EmptyState>("noRecord");
        return none->isVisible() ? none->accessibleName() + ". " + none->accessibleDescription() : QString();
    }
};

}  // namespace

class TestAuditPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allRecordsAreThereByScrolling()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        QCOMPARE(b.id(0), QString("660"));
        QTRY_VERIFY2(b.foot().contains("200 are loaded"), qPrintable(b.foot()));
        for (const int rows : {400, 600, kAll}) {
            QScrollBar* bar = b.records()->verticalScrollBar();
            bar->setValue(bar->maximum());
            QTRY_COMPARE(b.rows(), rows);
        }
        QCOMPARE(b.id(kAll - 1), QString("1"));
        QTRY_VERIFY2(!b.foot().contains("loaded"), qPrintable(b.foot()));
        const auto asked = b.engine.callsOf("audit.list");
        b.records()->verticalScrollBar()->setValue(0);
        b.records()->verticalScrollBar()->setValue(b.records()->verticalScrollBar()->maximum());
        QVERIFY(test::staysAway([&] { return b.engine.callsOf("audit.list").size() > asked.size(); }));
    }

    void anOldRecordIsFoundBySearching()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("search", "anna reset");
        QTRY_COMPARE(b.rows(), 1);
        QCOMPARE(b.current(), QString("5"));
        auto* search = b.window().findChild<QLineEdit*>("search");
        QTRY_VERIFY(search->accessibleDescription().contains("1 of 660"));
        // What lies beside it is asked for, so that the chain can be seen.
        QTRY_VERIFY(
            b.engine.callsOf("audit.list").contains(QJsonObject{{"before", 7}, {"after", 5}, {"limit", 1}}));
        QVERIFY(!b.child<widgets::NoteBar>("recordNote")->isVisible());
        b.shoot("audit-found");
    }

    void thatNothingMatchesIsSaidOfAll()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.engine.hold("audit.list");
        b.type("search", "nowhere");
        QTRY_VERIFY(!b.engine.callsOf("audit.list").last()["text"].toString().isEmpty());
        // What is not searched yet is not said to be without a match.
        QCOMPARE(b.none(), QString());
        QCOMPARE(b.rows(), 200);
        b.engine.release("audit.list");
        QTRY_VERIFY2(b.none().contains("No record matches"), qPrintable(b.none()));
        QVERIFY2(b.none().contains("All 660 records were searched"), qPrintable(b.none()));
        Q_EMIT b.child<widgets::EmptyState>("noRecord")->actionTriggered();
        QTRY_COMPARE(b.rows(), 200);
        QVERIFY(b.none().isEmpty());
    }

    void aSearchThatEndsEarlyGoesOn()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.engine.answer("audit.list", [&b](const QJsonObject& params) -> Result<QJsonObject> {
            const qint64 before = params["before"].toInteger();
            QJsonArray records;
            if (before == 400) {
                b.engine.hold("audit.list");
            }
            if (before == 200) {
                records.append(QJsonObject{{"seq", 150}, {"principal", "far away"}});
            }
            const qint64 next = before == 0 ? 400 : before == 400 ? 200 : 0;
            return QJsonObject{{"records", records}, {"next", next}, {"total", kAll}};
        });
        b.type("by", "x");
        QTRY_COMPARE(b.none(), QString("Searching…. 261 of 660 records were looked through."));
        b.engine.release("audit.list");
        QTRY_COMPARE(b.rows(), 1);
        QCOMPARE(b.id(0), QString("150"));
    }

    void whatIsAskedForIsCombined()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("by", "engine");
        b.type("action", "keys");
        b.type("run", "R-20");
        b.type("object", "vega");
        b.type("outcome", "fail");
        QTRY_COMPARE(b.rows(), 1);  // 300 of 600: those of R-20 that failed
        QCOMPARE(b.id(0), QString("300"));
        b.type("run", "");
        QTRY_COMPARE(b.rows(), 2);
        b.type("outcome", "requ");
        b.type("by", "operator b");
        b.type("action", "");
        QTRY_COMPARE(b.engine.callsOf("audit.count").last()["outcomes"], QJsonValue(QJsonArray{"intent"}));
        QTRY_VERIFY2(b.foot().startsWith("329 of 660 records match. 200 are loaded"), qPrintable(b.foot()));
        b.shoot("audit-filtered");
    }

    void timesAreReadOrSaidNotToBe()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("since", "10m");
        QTRY_COMPARE(b.rows(), 11);
        b.type("until", "yesterday");
        QVERIFY(test::staysAway([&] { return b.rows() != 11; }));
        b.type("until", "2026-11-18");
        QTRY_VERIFY(b.none().contains("No record matches"));
        b.type("since", "");
        QTRY_COMPARE(b.id(0), QString("465"));  // the last before midnight
    }

    void onlyWhatWentWrong()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        auto* chip = b.window().findChild<widgets::Chip*>("exceptions");
        chip->click();
        QTRY_COMPARE(b.rows(), 11);
        QCOMPARE(b.id(10), QString("60"));
        b.type("outcome", "verified");
        QVERIFY(!chip->isChecked());
        QTRY_COMPARE(b.rows(), 200);
    }

    void newRecordsComeOnTopIfTheyMatch()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("by", "anna");
        QTRY_COMPARE(b.rows(), 1);
        QJsonObject row = record(661);
        row["principal"] = "anna";
        b.engine.put("audit", row);
        QTRY_COMPARE(b.rows(), 2);
        b.engine.put("audit", record(662));
        QTRY_COMPARE(b.engine.callsOf("audit.list").last(),
                     (QJsonObject{{"by", "anna"}, {"after", 661}, {"limit", 200}}));
        QCOMPARE(b.rows(), 2);
        b.type("by", "");
        QTRY_COMPARE(b.id(0), QString("662"));
    }

    void aRecordIsShownWhereverItLies()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("by", "operator b");
        b.console.open("record", "7");
        QTRY_COMPARE(b.current(), QString("7"));
        QCOMPARE(b.id(0), QString("27"));
        auto* upTo = b.window().findChild<widgets::Chip*>("upTo");
        QTRY_VERIFY(upTo->isVisible());
        QCOMPARE(upTo->text(), QString("up to record 27"));
        QVERIFY(b.child<widgets::CodeBlock>("recordBody")->toPlainText().contains("\"seq\":7"));
        upTo->click();
        QTRY_COMPARE(b.id(0), QString("660"));
        QTRY_VERIFY(!upTo->isVisible());
        b.console.open("record", "655");
        QTRY_COMPARE(b.current(), QString("655"));
        QVERIFY(!upTo->isVisible());
    }

    void whatMatchesIsExported()
    {
        AuditBench b;
        QTemporaryDir folder;
        QTRY_COMPARE(b.rows(), 200);
        b.dialogs.saveFile = folder.filePath("all.jsonl");
        b.key(Qt::Key_E);
        QTRY_VERIFY2(b.foot().startsWith("660 records were written to"), qPrintable(b.foot()));
        QFile file(b.dialogs.saveFile);
        QVERIFY(file.open(QIODevice::ReadOnly));
        int lines = 0;
        while (!file.atEnd()) {
            const QByteArray line = file.readLine();
            QCOMPARE(QJsonDocument::fromJson(line).object()["seq"].toInt(), ++lines);
            QVERIFY(line.contains("\"hash\":\"" +
                                  sha256Of(line.left(line.lastIndexOf(",\"hash\"")) + '}').toUtf8()));
        }
        QCOMPARE(lines, kAll);
        b.type("by", "anna");
        QTRY_COMPARE(b.rows(), 1);
        b.dialogs.saveFile = folder.filePath("one.CSV");
        b.key(Qt::Key_E, Qt::NoModifier);
        auto* search = b.window().findChild<QLineEdit*>("by");
        search->clearFocus();
        b.records()->setFocus();
        b.key(Qt::Key_E);
        QTRY_VERIFY2(b.foot().startsWith("1 record was written to"), qPrintable(b.foot()));
        QFile csv(b.dialogs.saveFile);
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 2);
        b.dialogs.saveFile = folder.filePath("none/there.csv");
        b.key(Qt::Key_E);
        QTRY_VERIFY2(b.foot().startsWith("The export failed: "), qPrintable(b.foot()));
    }

    /// The end of the list is in sight, and the page that would follow cannot be had.
    void aPageThatCannotBeHadIsNotAskedForAgainAndAgain()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.engine.lose({.code = ErrorCode::Unavailable, .message = "gone"});
        QScrollBar* bar = b.records()->verticalScrollBar();
        const qsizetype asked = b.engine.callsOf("audit.list").size();
        bar->setValue(bar->maximum());
        QTRY_VERIFY(b.engine.callsOf("audit.list").size() > asked);
        QVERIFY(test::staysAway([&] { return b.engine.callsOf("audit.list").size() > asked + 3; }));
        QCOMPARE(b.rows(), 200);
        b.engine.connectAs("operator A", "operator");
        QTRY_VERIFY(b.engine.callsOf("audit.list").size() > asked + 1);
        QTRY_COMPARE(bar->value(), 0);
        bar->setValue(bar->maximum());
        QTRY_VERIFY(b.rows() > 200);
    }

    void whoFiltersWhileARecordIsLookedForWantsTheFilter()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.type("by", "anna");
        QTRY_COMPARE(b.rows(), 1);
        b.engine.hold("audit.list");
        b.console.open("record", "7");
        b.type("by", "operator b");
        QTRY_COMPARE(b.engine.callsOf("audit.list").last()["by"].toString(), QString("operator b"));
        b.engine.release("audit.list");
        QTRY_COMPARE(b.rows(), 200);
        b.type("by", "");
        QTRY_COMPARE(b.id(0), QString("660"));
        QVERIFY(test::staysAway([&] { return b.rows() != 200; }));
    }

    void whatWasExportedIsNotSaidOfAnotherFilter()
    {
        AuditBench b;
        QTemporaryDir folder;
        QTRY_COMPARE(b.rows(), 200);
        b.dialogs.saveFile = folder.filePath("all.jsonl");
        b.key(Qt::Key_E);
        QTRY_VERIFY2(b.foot().startsWith("660 records were written to"), qPrintable(b.foot()));
        b.type("action", "keys");
        QTRY_VERIFY2(b.foot().startsWith("13 of 660 records match."), qPrintable(b.foot()));
    }

    void anEngineThatCannotSearchIsSaid()
    {
        AuditBench b;
        QTRY_COMPARE(b.rows(), 200);
        b.engine.answer("audit.list", [](const QJsonObject&) -> Result<QJsonObject> {
            return fail(Error{.code = ErrorCode::DataLoss, .message = "Page 7 of audit.db is damaged"});
        });
        b.type("search", "reset");
        QTRY_VERIFY2(b.none().contains("could not be searched. Page 7 of audit.db is damaged"),
                     qPrintable(b.none()));
        b.type("search", "");
        QTRY_COMPARE(b.rows(), kNewest);
    }
};

QTEST_MAIN(TestAuditPage)
#include "tst_audit_page.moc"
