#include <signal.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QApplication>
#include <QtWidgets/QLineEdit>

#include "patience.h"
#include "support/schema.h"
#include "ui/dialogs/window_dialogs.h"
#include "ui/pages/console.h"
#include "ui/session/row.h"
#include "ui/session/rpc_engine_client.h"
#include "ui/session/session.h"
#include "ui/shell/page.h"
#include "ui/style/theme.h"
#include "ui/systems/systems.h"
#include "ui/widgets/cause_list.h"
#include "ui/widgets/text_label.h"

using namespace sluice;
using session::LinkState;
using session::str;

namespace {

/// A cluster that nobody runs: the observer looks for it for ever.
constexpr auto kConf = "[global]\nmon_host = 127.0.0.1:1\n";
constexpr auto kConfig =
    "profile: { name: window, colour: plum }\n"
    "connections:\n"
    "  vega: { type: ceph, conf: \"%1/ceph.conf\", entity: client.sluice, keyring: \"%1/keyring\", cephPool: "
    "sluice, pollMs: 500 }\n"
    "roles:\n"
    "  ingest: { connection: vega, entity: client.ingest, overlap: 3s, caps: { mon: \"allow r\", osd: "
    "\"allow rwx\" } }\n"
    "defaults: { role: ingest, stallAfter: 5s }\n";

}  // namespace

/// The real window on a real engine: each page shows what that engine says, and goes on showing the truth
/// while the engine hangs, crashes and comes back.
class TestPagesEngine : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QProcess m_engine;
    SystemClock m_clock;
    style::Theme m_theme{style::ThemeMode::Light};
    std::unique_ptr<session::RpcEngineClient> m_client;
    std::unique_ptr<session::Session> m_session;
    std::unique_ptr<dialogs::WindowDialogs> m_dialogs;
    const QList<pages::SystemView> m_systems = systems::views();
    std::unique_ptr<pages::Console> m_console;
    QString m_done;
    QString m_failed;

    bool write(const QString& name, const QByteArray& bytes)
    {
        QFile file(m_dir.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() &&
               file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    }

    void startEngine()
    {
        m_engine.setProcessChannelMode(QProcess::MergedChannels);
        m_engine.start(QStringLiteral(SLUICE_BIN_DIR "/sluiced"),
                       {"--config", m_dir.filePath("sluice.yaml"), "--state-dir", m_dir.filePath("state")});
    }

    bool connectedAgain()
    {
        return sluice::test::waitUntil([this] { return m_client->link().state == LinkState::Connected; });
    }

    QString submit(const QString& name, const QString& from)
    {
        const QString text =
            QStringLiteral("flow: %1\ntasks:\n  copy: { move: { from: \"file:%2\", to: \"file:%3\" } }\n")
                .arg(name, from, m_dir.filePath("out-" + name));
        QString run;
        QString why;
        m_client->change("flow.submit", {{"text", text}, {"file", name + ".yaml"}}, this,
                         [&](const Result<QJsonObject>& answer) {
                             run = answer ? (*answer)["run"].toString() : QString();
                             why = answer ? QString() : answer.error().toLine();
                         });
        if (!sluice::test::waitUntil([&] { return !run.isEmpty() || !why.isEmpty(); }) || !why.isEmpty()) {
            qWarning("%s", qPrintable(why));
        }
        return run;
    }

    QString stateOf(const QString& run) { return str(m_session->runs().row(run), u"state"); }
    shell::Page* page() { return m_console->window().currentPage(); }
    template <typename T>
    T* child(const char* name)
    {
        return page()->findChild<T*>(QString::fromLatin1(name));
    }
    bool tableShows(const char* name, const QString& text)
    {
        auto* view = child<QAbstractItemView>(name);
        if (view == nullptr || !view->isVisible()) {
            return false;
        }
        for (int row = 0; row < view->model()->rowCount(); ++row) {
            for (int column = 0; column < view->model()->columnCount(); ++column) {
                if (view->model()->index(row, column).data().toString().contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }
    bool banner(const QString& words)
    {
        const QList<shell::PageBanner> all = page()->banners();
        return std::any_of(all.begin(), all.end(),
                           [&](const shell::PageBanner& one) { return one.headline.contains(words); });
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.applyTo(*qApp);
        QVERIFY(write("ceph.conf", kConf) &&
                write("keyring", "[client.sluice]\nkey = AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==\n"));
        QVERIFY(write("sluice.yaml", QString::fromLatin1(kConfig).arg(m_dir.path()).toUtf8()));
        QVERIFY(QDir(m_dir.path()).mkdir("in") && write("in/a.csv", "1,2\n") && write("in/b.csv", "3,4\n"));
        startEngine();
        m_client = std::make_unique<session::RpcEngineClient>(
            session::RpcEngineClient::Options{.stateDir = m_dir.filePath("state"),
                                              .clientName = "sluice/test"},
            m_clock, nullptr);
        m_session = std::make_unique<session::Session>(*m_client, m_clock);
        m_dialogs = std::make_unique<dialogs::WindowDialogs>(m_theme, *m_client, m_session->ticker());
        m_console = std::make_unique<pages::Console>(
            pages::PageContext{m_theme, *m_session, *m_dialogs, m_systems}, m_clock);
        m_client->start();
        m_console->window().resize(1440, 900);
        m_console->window().show();
        QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
        QVERIFY2(connectedAgain(), m_engine.readAll().constData());
        m_done = submit("good", m_dir.filePath("in"));
        m_failed = submit("bad", m_dir.filePath("nowhere"));
        QVERIFY(!m_done.isEmpty() && !m_failed.isEmpty());
        QTRY_COMPARE(stateOf(m_done), QString("done"));
        QTRY_COMPARE(stateOf(m_failed), QString("failed"));
    }

    void cleanupTestCase()
    {
        m_console.reset();
        m_dialogs.reset();
        m_session.reset();
        m_client.reset();
        m_engine.terminate();
        if (!m_engine.waitForFinished(15'000)) {
            m_engine.kill();
            m_engine.waitForFinished();
        }
    }

    void theRowsFollowTheSchema()
    {
        const test::Schema schema(QStringLiteral("rows.schema.json"));
        QTRY_VERIFY(m_session->tasks(m_done).size() == 1 && m_session->tasks(m_failed).size() == 1 &&
                    m_session->cases().size() == 1);
        for (session::LiveRows* rows :
             {&m_session->engine(), &m_session->estate(), &m_session->runs(), &m_session->cases(),
              &m_session->roles(), &m_session->actions(), &m_session->audit(), &m_session->tasks(m_done),
              &m_session->tasks(m_failed)}) {
            QVERIFY2(rows->size() > 0, qPrintable(rows->topic()));
            for (const QJsonObject& row : rows->rows()) {
                const QStringList problems = schema.problems(rows->topic(), row);
                QVERIFY2(problems.isEmpty(),
                         qPrintable(rows->topic() + ' ' + row["id"].toString() + ": " + problems.join("; ")));
            }
        }
    }

    void now()
    {
        m_console->open("page", "now");
        QCOMPARE(page()->objectName(), QString("now"));
        QTRY_VERIFY(tableShows("actions", "good"));
        QTRY_VERIFY(tableShows("health", "vega"));
        QVERIFY(m_session->openCases().size() == 1);
        QTRY_VERIFY(page()->subtitle().startsWith("1 thing needs you"));
    }

    void flows()
    {
        m_console->open("run", m_done);
        QCOMPARE(page()->objectName(), QString("flows"));
        QTRY_VERIFY(tableShows("runList", "good") && tableShows("runList", "bad"));
        QCOMPARE(str(m_session->tasks(m_done).row(m_done + "/copy"), u"state"), QString("done"));
        QCOMPARE(m_session->runs().row(m_done)["objectsDone"].toInt(), 2);
    }

    void storage()
    {
        m_console->open("page", "storage");
        QCOMPARE(page()->objectName(), QString("storage"));
        QTRY_VERIFY(page()->tabs().size() == 1 && page()->tabs().constFirst().id == QLatin1String("vega"));
        // Nobody answers there, so nothing may be changed and nothing is green.
        QVERIFY(!m_session->whyNoChanges("vega").isEmpty());
        QVERIFY(page()->tabs().constFirst().state.tone != style::Tone::Ok);
    }

    void keys()
    {
        m_console->open("page", "keys");
        QCOMPARE(page()->objectName(), QString("keys"));
        QTRY_VERIFY(tableShows("roles", "ingest"));
    }

    void audit()
    {
        m_console->open("page", "audit");
        QCOMPARE(page()->objectName(), QString("audit"));
        QTRY_VERIFY(tableShows("records", "flow.submit"));
        m_console->open("action", "verify");
        auto* verdict = child<widgets::TextLabel>("chainVerdict");
        QVERIFY(verdict != nullptr);
        QTRY_COMPARE(verdict->text(), QString("Chain intact"));
    }

    /// Requests that are refused are recorded too: so many that the first records are no longer pushed.
    void oldRecordsAreFoundAmongMoreThanArePushed()
    {
        constexpr int kRefused = 520;
        int answered = 0;
        for (int i = 0; i < kRefused; ++i) {
            m_client->change("flow.cancel", {{"run", m_done}, {"planHash", "none"}, {"reason", "once more"}},
                             this, [&answered](const Result<QJsonObject>&) { ++answered; });
            if (i % 100 == 99) {
                QTRY_COMPARE(answered, i + 1);
            }
        }
        QTRY_COMPARE(answered, kRefused);
        QTRY_COMPARE(m_session->audit().size(), 500);
        QTRY_VERIFY(str(m_session->audit().rows().last(), u"action") == QLatin1String("flow.cancel"));
        m_console->open("page", "audit");
        m_console->window().findChild<QLineEdit*>("action")->setText("flow.submit");
        auto* view = child<QAbstractItemView>("records");
        QVERIFY(view != nullptr);
        QTRY_COMPARE(view->model()->rowCount(), 4);  // two flows: asked for, and begun
        QVERIFY(tableShows("records", "flow.submit") && !tableShows("records", "flow.cancel"));
        QTRY_VERIFY2(child<widgets::TextLabel>("recordsFoot")->text().startsWith("4 of "),
                     qPrintable(child<widgets::TextLabel>("recordsFoot")->text()));
        m_console->window().findChild<QLineEdit*>("run")->setText(m_failed);
        QTRY_VERIFY(view->model()->rowCount() == 1);
        m_console->window().findChild<QLineEdit*>("action")->clear();
        m_console->window().findChild<QLineEdit*>("run")->clear();
        QTRY_COMPARE(view->model()->rowCount(), 200);
    }

    void caseView()
    {
        const QString id = str(m_session->openCaseOf(m_failed), u"id");
        m_console->open("case", id);
        QCOMPARE(page()->objectName(), QString("case"));
        auto* causes = child<widgets::CauseList>("causes");
        QTRY_VERIFY(causes != nullptr && causes->partCount() > 0);
        QTRY_VERIFY2(causes->partName(0).contains("nowhere"), qPrintable(causes->partName(0)));
        QVERIFY(page()->title().startsWith(id));
    }

    void anEngineThatHangsIsNoticed()
    {
        m_console->open("page", "now");
        ::kill(static_cast<pid_t>(m_engine.processId()), SIGSTOP);
        QTRY_COMPARE(m_client->link().state, LinkState::Lost);
        QVERIFY(m_client->link().error.cause.contains(QString::number(m_engine.processId())));
        QTRY_VERIFY(banner("not been reachable"));
        QVERIFY(!m_session->whyNoChanges().isEmpty());
        // The command line notices too.
        QProcess ctl;
        ctl.start(QStringLiteral(SLUICE_BIN_DIR "/sluicectl"),
                  {"flow", "list", "--state-dir", m_dir.filePath("state")});
        QVERIFY(ctl.waitForFinished(30'000));
        QCOMPARE(ctl.exitCode(), 3);
        QVERIFY(ctl.readAllStandardError().contains("hangs"));
        ::kill(static_cast<pid_t>(m_engine.processId()), SIGCONT);
        QVERIFY(connectedAgain());
        QTRY_VERIFY(!banner("not been reachable"));
    }

    void anEngineThatCrashedKeepsWhatItKnew()
    {
        m_console->open("page", "now");
        const QJsonObject before = m_session->openCaseOf(m_failed);
        const QStringList actions = m_session->actions().ids();
        QVERIFY(!before.isEmpty() && actions.size() >= 2);
        m_engine.kill();
        QVERIFY(m_engine.waitForFinished());
        QTRY_COMPARE(m_client->link().state, LinkState::Lost);
        startEngine();
        QVERIFY2(connectedAgain(), m_engine.readAll().constData());
        QTRY_VERIFY(m_session->engineRow()["startedAfterCrash"].toBool());
        QTRY_VERIFY(banner("ended unexpectedly and was started again"));
        QTRY_COMPARE(m_session->actions().ids(), actions);
        QTRY_VERIFY(tableShows("actions", "good"));
        const QJsonObject after = m_session->openCaseOf(m_failed);
        QCOMPARE(str(after, u"id"), str(before, u"id"));
        QCOMPARE(str(after, u"openedAt"), str(before, u"openedAt"));
        QVERIFY(QString::fromUtf8(QJsonDocument(after).toJson()).contains("the engine ended unexpectedly"));
    }
};

QTEST_MAIN(TestPagesEngine)
#include "tst_pages_engine.moc"
