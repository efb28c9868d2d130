#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "luigi/facts.h"
#include "patience.h"

using namespace sluice::luigi;

class TestLuigiFacts : public QObject {
    Q_OBJECT

private:
    static QJsonObject json(const char* text) { return QJsonDocument::fromJson(text).object(); }

private Q_SLOTS:
    void anIdShowsOnlyParametersThatLuigidLists()
    {
        const auto idOf = [](const char* id, const char* params) {
            const QString task =
                QStringLiteral("{\"name\": \"Job\", \"params\": %1}").arg(QLatin1String(params));
            return taskEntity("luigid", id, json(qPrintable(task)), 1)["facts"]
                .toObject()["taskId"]
                .toString();
        };
        QCOMPARE(idOf("Job_2026_a_b_9806e499bd", "{\"day\": \"2026\", \"x\": \"a-b\"}"),
                 QStringLiteral("Job_2026_a_b_9806e499bd"));
        QCOMPARE(idOf("Job_2026_4711_9806e499bd", "{\"day\": \"2026\"}"), QStringLiteral("Job_9806e499bd"));
        QCOMPARE(idOf("Job_4711_9806e499bd", "{\"token\": \"4711\"}"), QStringLiteral("Job_9806e499bd"));
    }

    void task()
    {
        const QJsonObject row = taskEntity("luigid", "Extract_2026_05_01_morning_c0c00bf689", json(R"json({
            "display_name": "Extract(date=2026-05-01, half=morning)", "status": "RUNNING",
            "workers": ["Worker(salt=8, pid=29836)"], "worker_running": "Worker(salt=8, pid=29836)",
            "time_running": 1795258590.664595, "start_time": 1795258590.6533043, "last_updated": 1795258590.6645935,
            "params": {"date": "2026-05-01", "half": "morning"}, "name": "Extract", "priority": 3,
            "resources": {"gpu": 2}, "tracking_url": null, "status_message": "step 4 of 10",
            "progress_percentage": 30, "accepts_messages": false})json"),
                                           1795258591000);
        QCOMPARE(row["id"].toString(), QStringLiteral("luigid/luigi-task/Extract_c0c00bf689"));
        QCOMPARE(row["kind"].toString(), QStringLiteral("luigi-task"));
        QCOMPARE(row["connection"].toString(), QStringLiteral("luigid"));
        QVERIFY(row["observedAt"].toString().endsWith("Z"));
        const QJsonObject facts = row["facts"].toObject();
        QCOMPARE(facts["status"].toString(), QStringLiteral("RUNNING"));
        QCOMPARE(facts["displayName"].toString(), QStringLiteral("Extract(date=2026-05-01, half=morning)"));
        QCOMPARE(facts["progressPercent"].toInt(), 30);
        QCOMPARE(facts["startedAt"].toString(), QStringLiteral("2026-11-21T10:56:30.664Z"));
        QCOMPARE(facts["needs"].toObject()["gpu"].toInt(), 2);
        QCOMPARE(facts["statusMessage"].toString(), QStringLiteral("step 4 of 10"));
        QCOMPARE(facts["taskId"].toString(), QStringLiteral("Extract_2026_05_01_morning_c0c00bf689"));
    }
    void aSecretParameterLeavesNoTrace()
    {
        const QJsonObject row =
            taskEntity("luigid", "Wants_2026_01_02_hunter2secret_ed8aef77b3", json(R"json({
            "display_name": "Wants(date=2026-01-02, password=hunter2secret)", "status": "FAILED",
            "workers": ["w for hunter2secret"], "worker_running": null, "params":
            {"date": "2026-01-02", "password": "hunter2secret"}, "name": "Wants",
            "status_message": "login with hunter2secret refused"})json"),
                       1);
        const QByteArray whole = QJsonDocument(row).toJson();
        QVERIFY2(!whole.contains("hunter2"), whole.constData());
        QVERIFY(whole.contains("2026-01-02"));
        QCOMPARE(row["name"].toString(), QStringLiteral("Wants_ed8aef77b3"));
    }
    void oddTasks()
    {
        // A missing dependency has the text UNKNOWN for a time, and no name.
        const QJsonObject facts =
            taskEntity("l", "Ghost_1_0123456789",
                       json(R"json({"status": "UNKNOWN", "start_time": "UNKNOWN"})json"), 1)["facts"]
                .toObject();
        QCOMPARE(facts["scheduledAt"].toString(), QString());
        QCOMPARE(facts["family"].toString(), QStringLiteral("Ghost"));
        QVERIFY(facts["progressPercent"].isNull());
        // An id a task made itself is hashed.
        const QString name =
            taskEntity("l", "my-own-id", json(R"json({"name": "Own"})json"), 1)["name"].toString();
        QVERIFY2(name.startsWith("Own_") && !name.contains("my-own"), qPrintable(name));
        QCOMPARE(taskEntity("l", "x", {}, 1)["facts"].toObject()["status"].toString(),
                 QStringLiteral("UNKNOWN"));
    }
    void longTextsAreCut()
    {
        const QJsonObject facts =
            taskEntity("l", "A_1_0123456789", {{"name", "A"}, {"status_message", QString(100'000, 'x')}},
                       1)["facts"]
                .toObject();
        QVERIFY(facts["statusMessage"].toString().size() < 600);
    }
    void worker()
    {
        const QJsonObject row = workerEntity("luigid", json(R"json({"name": "Worker(salt=8, pid=29836)",
            "last_active": 1795258592.6549747, "started": 1795258590.653257, "state": "active", "workers": 1,
            "host": "lab1", "username": "lab", "pid": 29836, "num_running": 1, "num_pending": 2,
            "first_task": "Login_hunter2_0123456789"})json"),
                                             1);
        QCOMPARE(row["id"].toString(), QStringLiteral("luigid/luigi-worker/Worker(salt=8, pid=29836)"));
        QCOMPARE(row["facts"].toObject()["running"].toInt(), 1);
        QCOMPARE(row["facts"].toObject()["pid"].toInt(), 29836);
        QVERIFY(!QJsonDocument(row).toJson().contains("hunter2"));
        // Host and pid come from the worker itself and may be missing.
        QCOMPARE(workerEntity("l", {{"name", "w"}}, 1)["facts"].toObject()["pid"].toInt(), 0);
    }
    void graph()
    {
        const QList<QJsonObject> rows = graphEntities("luigid", json(R"json({
            "Features_2026_01_01_9806e499bd": {"status": "DONE", "name": "Features", "params": {"date": "2026-01-01"},
                "deps": ["Extract_2026_01_01_evening_6cd950274c", "Gone_x_1111111111"]},
            "Extract_2026_01_01_evening_6cd950274c": {"status": "RUNNING", "name": "Extract",
                "params": {"token": "t0psecret"}, "deps": []}})json"),
                                                      1);
        QCOMPARE(rows.size(), 2);
        QCOMPARE(rows.at(1)["id"].toString(), QStringLiteral("luigid/luigi-task/Features_9806e499bd"));
        QCOMPARE(rows.at(1)["facts"]["status"].toString(), QStringLiteral("DONE"));
        QCOMPARE(rows.at(1)["facts"]["dependsOn"].toArray(),
                 (QJsonArray{"Extract_6cd950274c", "Gone_1111111111"}));
        QVERIFY(!QJsonDocument(rows.at(0)).toJson().contains("t0psecret"));
        QVERIFY(graphEntities("luigid", {}, 1).isEmpty());
    }
    void urls()
    {
        QCOMPARE(publicUrl(QUrl("http://lab:hunter2@127.0.0.1:1/?x=y#z")),
                 QStringLiteral("http://127.0.0.1:1"));
    }
};

QTEST_GUILESS_MAIN(TestLuigiFacts)
#include "tst_luigi_facts.moc"
