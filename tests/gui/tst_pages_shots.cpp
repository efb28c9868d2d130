
#include "pages_bench.h"
#include "patience.h"
#include "ui/shell/page.h"

using namespace sluice;
using test::PagesBench;

/// Every page in every scene, light and dark, as pictures.
class TestPagesShots : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shots_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("scene");
        QTest::addColumn<bool>("dark");
        const QList<std::pair<const char*, int>> scenes{
            {"stalled", 0}, {"quiet", 1}, {"quorum", 2}, {"rotation", 3}, {"empty", 4}};
        for (const auto& [name, scene] : scenes) {
            QTest::newRow(name) << QString::fromLatin1(name) << scene << false;
            if (scene == 0 || scene == 2) {
                QTest::newRow(qPrintable(QStringLiteral("%1-dark").arg(name)))
                    << QStringLiteral("%1-dark").arg(name) << scene << true;
            }
        }
    }

    void shots()
    {
        QFETCH(QString, name);
        QFETCH(int, scene);
        QFETCH(bool, dark);
        static constexpr PagesBench::Scene kScenes[] = {test::sceneStalled, test::sceneQuiet,
                                                        test::sceneQuorumLost, test::sceneRotation,
                                                        test::sceneEmpty};
        PagesBench bench(kScenes[scene], true, dark ? style::ThemeMode::Dark : style::ThemeMode::Light);
        for (const char* page : {"now", "flows", "storage", "keys", "audit", "case"}) {
            const QString id = QString::fromLatin1(page);
            if (id == QLatin1String("case")) {
                if (bench.session.openCases().isEmpty()) {
                    continue;
                }
                bench.console.open(QStringLiteral("case"), {});
            } else {
                bench.console.open(QStringLiteral("page"), id);
            }
            QCOMPARE(bench.page()->objectName(), id);
            // The picture is taken when what was posted has been drawn; nothing tells when.
            QTest::qWait(60);
            bench.shoot(name + '-' + id);
        }
    }
};

QTEST_MAIN(TestPagesShots)
#include "tst_pages_shots.moc"
