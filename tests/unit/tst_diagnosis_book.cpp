#include "diagnosis/diagnose.h"
#include "diagnosis/probed_facts.h"
#include "patience.h"
#include "tests/unit/diagnosis_scene.h"

using namespace sluice;
using namespace sluice::diagnosis;
using namespace sluice::diagnosis::test;

namespace {

bool isTicket(const TaskView& task)
{
    return task.kind == QLatin1String("ticket");
}

QList<Probe> askForTicket(const TaskView& task, const FactSource&)
{
    return {{.method = "desk.look", .connection = "desk", .params = QJsonObject{{"ticket", task.task}}}};
}

QList<Fact> ticketFacts(const Probe& probe, const QJsonObject& reply)
{
    return {{.kind = "ticket", .name = probe.params["ticket"].toString(), .facts = reply}};
}

std::optional<Fact> lostTicket(const Probe& probe, const Error& error)
{
    if (error.code != ErrorCode::NotFound) {
        return std::nullopt;
    }
    return Fact{.kind = "ticket", .name = probe.params["ticket"].toString(), .facts = {{"lost", true}}};
}

QList<Finding> judgeTicket(const Scene& scene, const QList<Finding>&)
{
    const auto ticket = scene.freshFact(idOf("desk", "ticket", scene.task().task));
    Finding finding{.rule = "T1", .title = "The ticket waits", .scope = Scope::Container};
    finding.evidence = {ticket ? evidenceOf(*ticket, "It lies at the desk")
                               : scene.missing("desk/ticket/x", "The ticket", "desk", "desk.look")};
    finding.verdict = ticket ? Verdict::Confirmed : Verdict::Unknown;
    return {finding};
}

/// A system that is in no table of the product.
RulePart desk()
{
    return {.rules = {{.ids = {"T1"},
                       .version = 7,
                       .applies = isTicket,
                       .probes = {"desk.look"},
                       .judge = judgeTicket,
                       .chain =
                           [](const Scene&, const Finding& cause) {
                               return QList<ChainLink>{{.kind = "desk", .title = cause.title},
                                                       {.kind = "clerk", .title = "nobody"}};
                           }},
                      {.ids = {"T2"},
                       .applies = isTicket,
                       .probes = {"desk.look"},
                       .judge =
                           [](const Scene&, const QList<Finding>& others) {
                               return QList<Finding>{{.rule = "T2",
                                                      .title = others.last().title,
                                                      .verdict = Verdict::Refuted,
                                                      .scope = Scope::Elsewhere}};
                           },
                       .revise =
                           [](const Scene&, QList<Finding>& findings) {
                               findings.first().correction = "Ring the bell.";
                           }}},
            .probes =
                {{.method = "desk.look", .ask = askForTicket, .facts = ticketFacts, .errorFact = lostTicket},
                 {.method = "desk.count",
                  .ask =
                      [](const TaskView&, const FactSource&) {
                          return QList<Probe>{{.method = "desk.count", .connection = "desk"}};
                      }}},
            .placeOfObject = [](const Scene&) { return QStringList{"drawer 3"}; },
            .complete =
                [](TaskView& task, const FactSource&) {
                    task.touched.append({.kind = "ticket", .connection = "desk", .name = task.task});
                }};
}

TaskView ticketTask()
{
    return {.id = "R-1/x",
            .run = "R-1",
            .task = "x",
            .kind = "ticket",
            .state = "stalled",
            .connections = {"desk"},
            .lastProgressAtMs = kNow - 60'000,
            .blocked = {{"what", "queue"}, {"connection", "desk"}, {"object", "x"}},
            .reporter = "desk"};
}

}  // namespace

/// Diagnosis with rows of a system it has never heard of.
class TestDiagnosisBook : public QObject {
    Q_OBJECT

    const RuleBook m_book{{generalRules(), desk(), systems::ceph::rules()}};

private Q_SLOTS:
    void onlyWhatIsAboutTheTaskSpeaks()
    {
        FakeFacts base = healthyVega();
        ProbedFacts facts(base, m_book);
        const QList<Probe> probes = m_book.probesFor(ticketTask(), facts);
        QCOMPARE(probes.size(), 1);
        QCOMPARE(probes.first().method, QStringLiteral("desk.look"));
        facts.addReply(probes.first(), {{"since", "monday"}}, kNow - 10);
        const auto ticket = facts.fact("desk/ticket/x");
        QVERIFY(ticket);
        QCOMPARE(ticket->connection, QStringLiteral("desk"));
        QCOMPARE(ticket->source, QStringLiteral("desk.look, desk"));
        QCOMPARE(ticket->observedAtMs, kNow - 10);

        const Diagnosis d = diagnosis::diagnose(m_book, ticketTask(), facts, kNow);
        QStringList rules;
        for (const Finding& finding : d.findings) {
            rules.append(finding.rule);
        }
        QCOMPARE(rules, (QStringList{"T1", "T2"}));
        QCOMPARE(d.rule, QStringLiteral("T1"));
        QCOMPARE(d.findings[0].version, 7);
        QCOMPARE(d.findings[1].version, 1);
        QCOMPARE(d.findings[1].title, QStringLiteral("The ticket waits"));
        QCOMPARE(d.findings[0].correction, QStringLiteral("Ring the bell."));
        QVERIFY(textOf(d.findings[0]).contains("The worker waits: queue"));
        QCOMPARE(d.findings[0].evidence.last().source, QStringLiteral("desk"));
        QStringList kinds;
        for (const ChainLink& link : d.chain) {
            kinds.append(link.kind);
        }
        QCOMPARE(kinds, (QStringList{"task", "object", "desk", "clerk"}));
        QCOMPARE(d.chain[1].lines, QStringList{"drawer 3"});
    }
    void andNothingOfItAboutOthers()
    {
        const FakeFacts facts = healthyVega();
        const Diagnosis d = diagnosis::diagnose(m_book, copyTask("lock", "locked"), facts, kNow);
        QVERIFY(findingOf(d, "T1").rule.isEmpty() && findingOf(d, "T2").rule.isEmpty());
        QVERIFY(!findingOf(d, "R18").rule.isEmpty());
        for (const Probe& probe : m_book.probesFor(copyTask("lock", "locked"), facts)) {
            QVERIFY(probe.connection != "desk");
        }
    }
    void anErrorMayBeAnAnswer()
    {
        FakeFacts base;
        ProbedFacts facts(base, m_book);
        const Probe probe = m_book.probesFor(ticketTask(), facts).first();
        facts.addError(probe, {.code = ErrorCode::NotFound}, kNow);
        QCOMPARE(facts.fact("desk/ticket/x")->facts["lost"].toBool(), true);

        ProbedFacts silent(base, m_book);
        silent.addError(probe, {.code = ErrorCode::Unavailable, .message = "closed at noon"}, kNow);
        const Diagnosis d = diagnosis::diagnose(m_book, ticketTask(), silent, kNow);
        QVERIFY(textOf(findingOf(d, "T1")).contains("closed at noon"));
        QVERIFY(d.summary.contains("closed at noon"));
    }
    void oneQuestionIsAskedOnce()
    {
        const TaskView two{.touched = {{"bucket", "rgw.vega", "a", true, {}, "vega"},
                                       {"bucket", "rgw.vega", "b", false, {}, "vega"}}};
        QStringList asked;
        for (const Probe& probe : m_book.probesFor(two, FakeFacts())) {
            asked.append(probe.method);
        }
        QCOMPARE(asked.count("observe.now"), 2);
        QCOMPARE(asked.count("s3.look"), 2);
    }
    void whatIsTouchedIsCompleted()
    {
        TaskView task = ticketTask();
        m_book.complete(task, FakeFacts());
        QCOMPARE(task.touched.size(), 1);
        TaskView publish{.touched = {{"bucket", "rgw.vega", "catalog", true, {}, "old"}}};
        FakeFacts facts;
        facts.put("rgw.vega", "gateway", "rgw.vega", {{"cluster", "vega"}});
        m_book.complete(publish, facts);
        QCOMPARE(publish.touched.first().behind, QStringLiteral("vega"));
    }
    void scopesAreWordsAndNumbers_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("object") << 0;
        QTest::newRow("carrier") << 1;
        QTest::newRow("container") << 2;
        QTest::newRow("system") << 3;
        QTest::newRow("nearby") << 4;
        QTest::newRow("elsewhere") << 9;
    }
    void scopesAreWordsAndNumbers()
    {
        QFETCH(int, number);
        const QJsonObject json = Finding{.rule = "T1", .scope = static_cast<Scope>(number)}.toJson();
        QCOMPARE(json["distance"].toInt(-1), number);
        QCOMPARE(json["scope"].toString(), QLatin1String(QTest::currentDataTag()));
    }
};

QTEST_GUILESS_MAIN(TestDiagnosisBook)
#include "tst_diagnosis_book.moc"
