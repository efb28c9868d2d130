#include <QtTest/QtTest>

#include "connect/connectors.h"
#include "connect/intake.h"
#include "flow_fakes.h"
#include "patience.h"

using namespace sluice;
using connect::Intake;
using estate::Entity;

namespace {

class FakeConnector final : public connect::Connector {
public:
    using connect::Connector::Connector;
    void start() override {}
    void stop() override { Q_EMIT stopped(); }
    connect::Status status() const override { return {.facts = {{"poll", poll}}, .observedAtMs = 1000}; }
    int poll{0};
};

}  // namespace

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

    void aNewerPollTakesThePlaceOfOneThatHasNotBegun()
    {
        QSignalSpy changed(m_estate.get(), &LiveTopic::changed);
        for (int poll = 1; poll <= 20; ++poll) {
            m_intake->take("luigi", {.entities = tasks(0, 2500, 1000 * poll), .complete = {"luigi-task"}});
        }
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 2500);
        QCOMPARE(at(0), 20'000);
        QCOMPARE(at(2499), 20'000);
        // Three parts of one poll, at most a second one that had begun.
        QVERIFY2(changed.size() <= 6, qPrintable(QString::number(changed.size())));
    }

    void whatHasBegunIsFinishedHoweverManyPollsCome()
    {
        QList<qint64> seen;
        connect(m_estate.get(), &LiveTopic::changed, m_intake.get(), [&](const QStringList& ids) {
            if (ids.contains(task(0).id) && at(0) < 5000) {
                m_intake->take("luigi",
                               {.entities = tasks(0, 2500, at(0) + 1000), .complete = {"luigi-task"}});
            }
            if (ids.contains(task(2499).id)) {
                seen.append(at(2499));
            }
        });
        m_intake->take("luigi", {.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        QTRY_COMPARE(seen, (QList<qint64>{1000, 2000, 3000, 4000, 5000}));
    }

    void ofAPollOnlyWhatANewerOneTellsAnewIsLeftOut()
    {
        Entity worker = task(1);
        worker.id = "luigi/luigi-worker/w";
        worker.kind = "luigi-worker";
        QList<Entity> all = tasks(0, 2500);
        all.append(worker);
        m_intake->take("luigi", {.entities = all, .complete = {"luigi-task", "luigi-worker"}});
        m_intake->take("luigi", {.entities = tasks(0, 3, 2000), .complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(count(), 3);
        QVERIFY(m_estate->entity(worker.id));
        // Of a part, what it names.
        m_intake->take("luigi", {.entities = tasks(0, 1500, 3000)});
        m_intake->take("luigi", {.entities = tasks(1, 2, 4000)});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(at(0), 3000);
        QCOMPARE(at(1), 4000);
        QCOMPARE(count(), 1500);
    }

    void whatComesAfterwardsFindsAllOfIt()
    {
        QStringList called;
        m_intake->afterwards("luigi", [&called] { called.append("at once"); });
        QCOMPARE(called, QStringList{"at once"});
        m_intake->take("luigi", {.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        m_intake->afterwards("luigi", [&called] { called.append("replaced"); });
        m_intake->afterwards("luigi", [this, &called] { called.append(QString::number(count())); });
        m_intake->afterwards("other", [&called] { called.append("another connection"); });
        QCOMPARE(called, (QStringList{"at once", "another connection"}));
        // One that takes its place is waited for instead.
        m_intake->take("luigi", {.entities = tasks(0, 1200, 2000), .complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(called.mid(2), QStringList{"1200"});
        // Or nothing is left of it.
        m_intake->take("luigi", {.entities = tasks(0, 1300, 3000)});
        m_intake->afterwards("luigi", [this, &called] { called.append(QString::number(count())); });
        m_intake->take("luigi", {.complete = {"luigi-task"}});
        QTRY_VERIFY(m_intake->isIdle());
        QCOMPARE(called.mid(3), QStringList{"0"});
    }

    void theRowOfAConnectionDoesNotOvertakeItsFacts()
    {
        std::vector<std::unique_ptr<connect::Connector>> made;
        made.push_back(std::make_unique<FakeConnector>("luigi"));
        auto* connector = static_cast<FakeConnector*>(made.front().get());
        connect::Connectors connectors(std::move(made), *m_estate, m_clock);
        const QString row = QStringLiteral("luigi/connection/luigi");
        QList<qsizetype> known;
        connect(m_estate.get(), &LiveTopic::changed, this, [&](const QStringList& ids) {
            if (ids.contains(row)) {
                known.append(count());
            }
        });
        connector->poll = 1;
        Q_EMIT connector->observed({.entities = tasks(0, 2500), .complete = {"luigi-task"}});
        Q_EMIT connector->statusChanged();
        // What it says meanwhile is of a poll that is not there yet.
        connector->poll = 2;
        QVERIFY(!m_estate->entity(row));
        QTRY_COMPARE(known, QList<qsizetype>{2500});
        QCOMPARE(m_estate->entity(row)->facts["poll"].toInt(), 1);
        Q_EMIT connector->statusChanged();
        QCOMPARE(m_estate->entity(row)->facts["poll"].toInt(), 2);
    }

    void whatIsKnownOfConnectionsThatAreNotConfiguredGoes()
    {
        Entity other = task(1);
        other.id = "luigi-old/luigi-task/00001";
        other.connection = "luigi-old";
        m_estate->restore({task(1), other});
        std::vector<std::unique_ptr<connect::Connector>> made;
        made.push_back(std::make_unique<FakeConnector>("luigi"));
        connect::Connectors connectors(std::move(made), *m_estate, m_clock);
        QCOMPARE(connectors.names(), QSet<QString>{"luigi"});
        QVERIFY(connectors.load().has_value());
        QCOMPARE(m_estate->ids(), QStringList{task(1).id});
        // It leaves the file too.
        QCOMPARE(m_estate->takeDirty(), QSet<QString>{other.id});
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
