
#include "fake_engine_rows.h"
#include "patience.h"
#include "support/schema.h"

using namespace sluice;

/// The rows that models and pages are tested with look as the engine's do: each is checked against the wire
/// schema.
class TestFakeRows : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followTheSchema_data()
    {
        QTest::addColumn<int>("scene");
        int scene = 0;
        for (const char* name : {"empty", "quiet", "stalled", "quorum lost", "rotation"}) {
            QTest::newRow(name) << scene++;
        }
    }
    void followTheSchema()
    {
        QFETCH(int, scene);
        using Scene = void (*)(test::FakeEngine&, qint64);
        static constexpr Scene kScenes[] = {test::sceneEmpty, test::sceneQuiet, test::sceneStalled,
                                            test::sceneQuorumLost, test::sceneRotation};
        const test::FakeClock clock(test::kSceneMs);
        test::FakeEngine engine(clock);
        kScenes[scene](engine, test::kSceneMs);
        const test::Schema schema(QStringLiteral("rows.schema.json"));
        int rows = 0;
        for (const char* topic :
             {"engine", "estate", "runs", "tasks", "cases", "roles", "actions", "audit"}) {
            QVERIFY2(schema.definitions().contains(QLatin1String(topic)), topic);
            for (const QJsonObject& row : engine.rows(QString::fromLatin1(topic))) {
                const QStringList problems = schema.problems(QString::fromLatin1(topic), row);
                QVERIFY2(problems.isEmpty(), qPrintable(row["id"].toString() + ": " + problems.join("; ")));
                ++rows;
            }
        }
        QVERIFY(rows > (scene == 0 ? 0 : 30));
    }
};

QTEST_GUILESS_MAIN(TestFakeRows)
#include "tst_fake_rows.moc"
