#include <QtTest/QtTest>

#include "connect/intake.h"
#include "flow_fakes.h"
#include "patience.h"

using namespace sluice;
using connect::Intake;
using estate::Entity;

/// A large observation is taken part by part and is one observation all the same.
class TestConnectIntake : public QObject {
    Q_OBJECT

    static Entity task(int n, qint64 atMs = 1000)
    {
        const QString name = QStringLiteral("%1").arg(n, 5, 10, QLatin1Char('0'));
        return {.id = "luigi/luigi-task/" + name,
                .connection = "luigi",
                .kind = "luigi-task",
                .name = name,
                .observedAtMs = atMs,
                .facts = {{"at", atMs}}};
    }

    static QList<Entity> tasks(int from, int to, qint64 atMs = 1000)
    {
        QList<Entity> list;
        for (int n = from; n < to; ++n) {
            list.append(task(n, atMs));
        }
        return list;
    }

    qsizetype count() const { return m_estate->count("luigi", "luigi-task"); }
    qint64 at(int n) const { return m_estate->entity(task(n).id)->observedAtMs; }

    test::FakeClock m_clock;
    std::unique_ptr<estate::Estate> m_estate;
    std::unique_ptr<Intake> m_intake;

private Q_SLOTS:
    void init()
    {
        m_estate = std::make_unique<estate::Estate>(m_clock);
        m_intake = std::make_unique<Intake>(*m_estate);
    }

    void aSmallObservationIsThereAtOnce()
    {
        m_intake->take("luigi", {.entities = tasks(0, 1000), .complete = {"luigi-task"}});
        QCOMPARE(count(), 1000);
        m_intake->take("luigi", {.entities = tasks(5, 8, 2000), .complete = {"luigi-task"}});
        QCOMPARE(count(), 3);
        QVERIFY(m_intake->isIdle());
    }

    void aLargeOneIsTakenInBoundedParts()
    {
        QSignalSpy changed(m_estate.get(), &LiveTopic::changed);
        m_intake->take("luigi", {.entities = tasks(0, 4500), .complete = {"luigi-task"}});
        QVERIFY(count() <= Intake::kPerTurn);
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 4500);
        QCOMPARE(changed.size(), 5);
        for (const QList<QVariant>& change : changed) {
            QVERIFY(change[0].toStringList().size() <= Intake::kPerTurn);
        }

        // Nothing is missed before the whole list was seen, and what is gone goes in parts too.
        changed.clear();
        qsizetype newWhenFirstMissed = -1;
        connect(m_estate.get(), &LiveTopic::changed, this, [&](const QStringList&, const QStringList& gone) {
            QVERIFY(gone.size() <= Intake::kPerTurn);
            if (!gone.isEmpty() && newWhenFirstMissed < 0) {
                newWhenFirstMissed = 0;
                for (int n = 3000; n < 6000; ++n) {
                    newWhenFirstMissed += m_estate->entity(task(n).id) && at(n) == 2000 ? 1 : 0;
                }
            }
        });
        m_intake->take("luigi", {.entities = tasks(3000, 6000, 2000), .complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(newWhenFirstMissed, 3000);
        QCOMPARE(count(), 3000);
        QVERIFY(!m_estate->entity(task(2999).id));
    }

    void ofAPartNothingIsMissed()
    {
        m_intake->take("luigi", {.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        m_intake->take("luigi", {.entities = tasks(0, 1500, 2000)});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 2500);
        QCOMPARE(at(1499), 2000);
        QCOMPARE(at(1500), 1000);
    }

    void theObservationsOfAConnectionAreTakenInTheirOrder()
    {
        m_intake->take("luigi", {.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        m_intake->take("luigi", {.entities = {task(7, 2000)}, .complete = {"luigi-task"}});
        // Another connection waits for neither.
        Entity other = task(1);
        other.id.replace("luigi/", "other/");
        other.connection = "other";
        m_intake->take("other", {.entities = {other}});
        QCOMPARE(m_estate->count("other", {}), 1);
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 1);
        QCOMPARE(at(7), 2000);
    }

    void theLastOfALargeListGoesInPartsToo()
    {
        m_intake->take("luigi", {.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        QSignalSpy changed(m_estate.get(), &LiveTopic::changed);
        m_intake->take("luigi", {.complete = {"luigi-task"}});
        QCOMPARE(count(), 2500);
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 0);
        QCOMPARE(changed.size(), 3);
    }
};

QTEST_GUILESS_MAIN(TestConnectIntake)
#include "tst_connect_intake.moc"
