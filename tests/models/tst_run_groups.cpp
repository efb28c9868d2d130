#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>

#include "fake_engine_rows.h"
#include "patience.h"
#include "ui/models/run_groups.h"
#include "ui/session/column.h"
#include "ui/session/session.h"

using namespace sluice;
using models::RunGroups;

class TestRunGroups : public QObject {
    Q_OBJECT

private:
    test::FakeClock m_clock{test::kSceneMs};

    static QStringList texts(const RunGroups& model)
    {
        QStringList list;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex index = model.index(row);
            list << (index.data(session::GroupRole).toBool()
                         ? index.data().toString() + ' ' + index.data(session::NoteRole).toString()
                         : index.data(session::IdRole).toString());
        }
        return list;
    }

private Q_SLOTS:
    void groupsExceptionsFirst()
    {
        test::FakeEngine engine(m_clock);
        test::sceneStalled(engine, test::kSceneMs);
        engine.connectAs("a", "operator");
        session::Session session(engine, m_clock);
        RunGroups model(session.runs(), session.ticker());
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QTRY_COMPARE(texts(model),
                     QStringList({"Stalled 1", "R-4", "In progress 1", "R-5", "Ended 2", "R-3", "R-2"}));
        QCOMPARE(model.firstRun(), QString("R-4"));
        const QModelIndex stalled = model.indexOf("R-4");
        QCOMPARE(stalled.data().toString(), QString("nightly-train"));
        QCOMPARE(stalled.data(session::SecondLineRole).toString(), QString("1 of 6, no progress"));
        QVERIFY(!model.flags(model.index(0)).testFlag(Qt::ItemIsSelectable));
        QVERIFY(model.flags(stalled).testFlag(Qt::ItemIsSelectable));

        const QPersistentModelIndex kept = stalled;
        engine.change("runs", "R-4", {{"state", "running"}});
        QTRY_COMPARE(texts(model), QStringList({"In progress 2", "R-5", "R-4", "Ended 2", "R-3", "R-2"}));
        QCOMPARE(kept.data(session::IdRole).toString(), QString("R-4"));
        engine.change("runs", "R-5", {{"state", "failed"}});
        QTRY_COMPARE(texts(model),
                     QStringList({"Failed 1", "R-5", "In progress 1", "R-4", "Ended 2", "R-3", "R-2"}));

        model.setSearch("nightly");
        QCOMPARE(texts(model), QStringList({"In progress 1", "R-4", "Ended 1", "R-3"}));
        model.setSearch("no such flow");
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(model.firstRun().isEmpty());
        QVERIFY(!model.indexOf("R-4").isValid());
        QCOMPARE(resets.size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestRunGroups)
#include "tst_run_groups.moc"
