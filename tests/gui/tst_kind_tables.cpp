#include <QtCore/QJsonArray>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QAbstractButton>

#include "pages_bench.h"
#include "patience.h"
#include "ui/pages/find_index.h"
#include "ui/session/column.h"
#include "ui/shell/page.h"
#include "ui/widgets/button.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/table_view.h"

using namespace sluice;
using test::PagesBench;

namespace {

QJsonObject field(const char* key, const char* type, const char* title)
{
    return {{"key", key}, {"type", type}, {"meaning", "what it is"}, {"title", title}};
}

/// A kind that no line of the window knows.
QJsonObject volumes()
{
    return {{"kind", "example-volume"},
            {"system", "example"},
            {"title", QJsonObject{{"one", "Volume"}, {"many", "Volumes"}}},
            {"meaning", "A volume."},
            {"listed", true},
            {"fields", QJsonArray{field("state", "text", "State"), field("sizeBytes", "bytes", "Size"),
                                  field("files", "count", "Files"), field("open", "flag", "Open"),
                                  field("users", "words", "Users"), field("pace", "ms", "Pace"),
                                  field("jobs", "tally", "Jobs"), field("hidden", "text", "")}},
            {"state", "state"},
            {"states",
             QJsonArray{QJsonObject{{"word", "mounted"}, {"tone", "ok"}, {"meaning", "in use"}},
                        QJsonObject{{"word", "lost"}, {"tone", "crit"}, {"meaning", "its disk is gone"}}}}};
}

QJsonObject volume(const QString& connection, int n, const QString& state = "mounted")
{
    const QString name = QStringLiteral("vol-%1").arg(n, 5, 10, QLatin1Char('0'));
    return {{"id", connection + "/example-volume/" + name},
            {"connection", connection},
            {"kind", "example-volume"},
            {"name", name},
            {"source", "example"},
            {"observedAt", toRfc3339(test::kSceneMs - 1000)},
            {"staleAfterMs", 60'000},
            {"facts", QJsonObject{{"state", state},
                                  {"sizeBytes", 1048576},
                                  {"files", 12345},
                                  {"open", true},
                                  {"users", QJsonArray{"a", "b"}},
                                  {"pace", 3},
                                  {"jobs", QJsonObject{{"done", 2}, {"waiting", 1}}},
                                  {"hidden", "x"}}}};
}

QJsonObject connectionOf(const QString& name)
{
    return {{"id", name + "/connection/" + name},
            {"connection", name},
            {"kind", "connection"},
            {"name", name},
            {"source", "engine"},
            {"observedAt", toRfc3339(test::kSceneMs - 1000)},
            {"facts", QJsonObject{{"type", "example"},
                                  {"state", "up"},
                                  {"lastContactAt", toRfc3339(test::kSceneMs - 1000)},
                                  {"staleAfterMs", 15'000}}}};
}

void sceneWithVolumes(test::FakeEngine& engine, qint64 nowMs)
{
    test::sceneQuiet(engine, nowMs);
    engine.answer("estate.kinds", [](const QJsonObject&) {
        return Result<QJsonObject>(
            QJsonObject{{"kinds", QJsonArray{volumes(), QJsonObject{{"kind", "osd"}, {"listed", true}},
                                             QJsonObject{{"kind", "example-note"}, {"listed", false}}}}});
    });
    engine.put("estate", connectionOf("zeta"));
    engine.put("estate", volume("zeta", 1));
    engine.put("estate", volume("zeta", 2, "lost"));
}

QStringList rowText(const QAbstractItemModel* model, int row)
{
    QStringList cells;
    for (int column = 0; column < model->columnCount(); ++column) {
        cells << model->index(row, column).data().toString();
    }
    return cells;
}

}  // namespace

/// What the engine says of a kind is enough for the window to show it.
class TestKindTables : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKindWithoutADrawingHasATable()
    {
        PagesBench b(&sceneWithVolumes);
        b.key(Qt::Key_3);
        QTRY_VERIFY(tabs(b).contains("zeta"));
        b.page()->setCurrentTab("zeta");
        QTRY_VERIFY(shown<widgets::TableView>(b, "rows.example-volume") != nullptr);
        const auto* model = shown<widgets::TableView>(b, "rows.example-volume")->model();
        QCOMPARE(rowText(model, 0), (QStringList{"vol-00001", "mounted", "1 MiB", "12,345", "yes", "a, b",
                                                 "3 ms", "2 done, 1 waiting", "1 s"}));
        QCOMPARE(rowText(model, 1).at(1), QStringLiteral("lost"));
        QCOMPARE(model->headerData(0, Qt::Horizontal).toString(), QStringLiteral("Volume"));
        QCOMPARE(model->headerData(2, Qt::Horizontal).toString(), QStringLiteral("Size"));
        const auto mark = model->index(1, 1).data(session::StateRole).value<style::StateWord>();
        QCOMPARE(mark.tone, style::Tone::Crit);
        QCOMPARE(mark.meaning, QStringLiteral("its disk is gone"));
        QVERIFY(shown<widgets::Button>(b, "after") == nullptr);
        QVERIFY(shown<QWidget>(b, "strip") == nullptr);  // its health is not told
        // whether it is reached is known all the same
        const auto markOf = [&b] {
            for (const shell::PageTab& tab : b.page()->tabs()) {
                if (tab.id == QLatin1String("zeta")) {
                    return tab.state.word;
                }
            }
            return QString();
        };
        QCOMPARE(markOf(), QString("available"));
        b.shoot("storage-kind");

        // What is old says nothing of now.
        b.clock.advance(120'000);
        QTRY_COMPARE(rowText(model, 0).at(1), QStringLiteral("unknown"));
    }

    void ofManyAWindowIsShownAndItSaysSo()
    {
        PagesBench b(&sceneWithVolumes);
        QList<QJsonObject> rows = b.engine.rows("estate");
        for (int n = 3; n <= 450; ++n) {
            rows.append(volume("zeta", n));
        }
        b.engine.setRows("estate", rows);
        b.key(Qt::Key_3);
        QTRY_VERIFY(tabs(b).contains("zeta"));
        b.page()->setCurrentTab("zeta");
        QTRY_VERIFY(shown<widgets::Button>(b, "after") != nullptr);
        const auto* model = shown<widgets::TableView>(b, "rows.example-volume")->model();
        QTRY_COMPARE(model->rowCount(), 200);
        QTRY_COMPARE(headCount(b), QStringLiteral("200 of 450"));
        QVERIFY(!shown<widgets::Button>(b, "before")->isEnabled());
        shown<widgets::Button>(b, "after")->click();
        QTRY_COMPARE(rowText(model, 0).first(), QStringLiteral("vol-00201"));
        shown<widgets::Button>(b, "after")->click();
        QTRY_COMPARE(rowText(model, 0).first(), QStringLiteral("vol-00401"));
        QTRY_COMPARE(headCount(b), QStringLiteral("50 of 450"));
        QVERIFY(!shown<widgets::Button>(b, "after")->isEnabled());
        // The last window empties: the one before it is shown.
        rows.erase(rows.end() - 60, rows.end());
        b.engine.setRows("estate", rows);
        QTRY_COMPARE(rowText(model, 0).first(), QStringLiteral("vol-00201"));
        QTRY_COMPARE(headCount(b), QStringLiteral("190 of 390"));

        // The find field says that it has not searched all of them.
        pages::FindIndex find(b.session, b.systems);
        const auto hits = find.find("Volumes", 5);
        QVERIFY(!hits.isEmpty());
        QCOMPARE(hits.first().title, QStringLiteral("Volumes: 200 of 390 searched"));
    }

    /// Connections are offered whatever of the rows is in the window.
    void aConnectionBehindManyRowsIsOffered()
    {
        PagesBench b(&sceneWithVolumes);
        QList<QJsonObject> rows = b.engine.rows("estate");
        for (int n = 3; n <= 250; ++n) {
            rows.append(volume("zeta", n));
        }
        rows.append(connectionOf("zeta2"));
        rows.append(volume("zeta2", 1));
        rows.append(connectionOf("beta"));
        b.engine.setRows("estate", rows);
        b.key(Qt::Key_3);
        QTRY_VERIFY(tabs(b).contains("zeta2"));
        QVERIFY(!tabs(b).contains("beta"));
        b.page()->setCurrentTab("zeta2");
        QTRY_VERIFY(shown<widgets::TableView>(b, "rows.example-volume") != nullptr);
        QTRY_COMPARE(shown<widgets::TableView>(b, "rows.example-volume")->model()->rowCount(), 1);
    }

    /// An engine that goes away while it is asked for its kinds has not said that there are none.
    void tablesStayWhenTheEngineIsLostOverTheQuestion()
    {
        PagesBench b(&sceneWithVolumes);
        QTRY_COMPARE(b.session.listedKinds(), QStringList{"example-volume"});
        b.engine.answer("estate.kinds", [](const QJsonObject&) -> Result<QJsonObject> {
            return fail(Error{.code = ErrorCode::Unavailable, .message = "gone", .retryable = true});
        });
        const qsizetype asked = b.engine.callsOf("estate.kinds").size();
        b.engine.connectAs("operator A", "operator");
        QTRY_VERIFY(b.engine.callsOf("estate.kinds").size() > asked);
        QVERIFY(test::staysAway([&] { return b.session.listedKinds().isEmpty(); }));
    }

    void theFindFieldLeadsToIt()
    {
        PagesBench b(&sceneWithVolumes);
        pages::FindIndex find(b.session, b.systems);
        QTRY_COMPARE(find.find("vol-00002", 5).size(), 1);
        const shell::FindHit hit = find.find("vol-00002", 5).first();
        QCOMPARE(hit.kind, QStringLiteral("entity"));
        QCOMPARE(hit.detail, QStringLiteral("Volume on zeta, lost"));
        b.console.open(hit.kind, hit.id);
        QTRY_COMPARE(b.page()->currentTab(), QStringLiteral("zeta"));
        QTRY_VERIFY(shown<widgets::TableView>(b, "rows.example-volume") != nullptr);
    }

    void ofAClusterItStandsBelowItsParts()
    {
        PagesBench b(&sceneWithVolumes);
        b.engine.put("estate", volume("vega", 7));
        b.key(Qt::Key_3);
        QTRY_COMPARE(b.page()->currentTab(), QStringLiteral("vega"));
        QTRY_VERIFY(shown<QWidget>(b, "kind.example-volume") != nullptr);
        // What is drawn has no table beside its drawing.
        QVERIFY(b.page()->findChild<QWidget*>("kind.osd") == nullptr);
        b.engine.remove("estate", "vega/example-volume/vol-00007");
        QTRY_VERIFY(shown<QWidget>(b, "kind.example-volume") == nullptr);
    }

    void whatTheEngineCutsOffIsSaidAndNoConnectionIsLost()
    {
        PagesBench b(&sceneWithVolumes);
        b.engine.windowRows = 8;
        QList<QJsonObject> rows = b.engine.rows("estate");
        for (int osd = 10; osd < 30; ++osd) {
            QJsonObject row = b.engine.row("estate", "vega/osd/0");
            row["id"] = QStringLiteral("vega/osd/%1").arg(osd);
            row["name"] = QString::number(osd);
            rows.prepend(row);
        }
        b.engine.setRows("estate", rows);
        b.engine.connectAs("operator A", "operator");
        QTRY_COMPARE(b.session.estateOf("osd").size(), 8);
        QVERIFY(b.session.connections().contains("zeta"));
        QCOMPARE(b.session.estateTotal(), rows.size());
        const auto banner = [&b] {
            for (const shell::PageBanner& shown : b.page()->banners()) {
                if (shown.id == QLatin1String("cut.estate")) {
                    return shown.headline;
                }
            }
            return QString();
        };
        const qint64 drawn = b.session.estate().total();
        QCOMPARE(drawn - b.session.estate().size(), 15);
        QTRY_COMPARE(
            banner(),
            QStringLiteral("Showing %1 of %2 rows of 'estate'.").arg(b.session.estate().size()).arg(drawn));
        b.engine.windowRows = 10'000;
        b.engine.connectAs("operator A", "operator");
        QTRY_COMPARE(banner(), QString());
    }

private:
    static QStringList tabs(PagesBench& b)
    {
        QStringList names;
        for (const shell::PageTab& tab : b.page()->tabs()) {
            names << tab.id;
        }
        return names;
    }

    /// The child of that name that is seen; null if there is none.
    template <typename T>
    static T* shown(PagesBench& b, const char* name)
    {
        for (T* found : b.page()->findChildren<T*>(QString::fromLatin1(name))) {
            if (found->isVisible()) {
                return found;
            }
        }
        return nullptr;
    }

    static QString headCount(PagesBench& b)
    {
        auto* section = shown<widgets::Section>(b, "kind.example-volume");
        const QString spoken = section->head()->accessibleName();
        return spoken.section(QStringLiteral(", "), 1, 1);
    }
};

QTEST_MAIN(TestKindTables)
#include "tst_kind_tables.moc"
