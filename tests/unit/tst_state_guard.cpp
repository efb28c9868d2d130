#include <sys/stat.h>
#include <unistd.h>
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtCore/QThreadPool>
#include <QtTest/QSignalSpy>

#include "engine/engine_identity.h"
#include "engine/folder_lock.h"
#include "engine/publication.h"
#include "engine/state_folder.h"
#include "engine/state_guard.h"
#include "patience.h"
#include "store/database.h"

using namespace sluice;
using namespace sluice::engine;

namespace {

const QString kOne = QStringLiteral("11111111-1111-4111-8111-111111111111");
const QString kTwo = QStringLiteral("22222222-2222-4222-8222-222222222222");

StateFiles sound()
{
    return {.state = {kOne, 40},
            .stateOutside = store::Mark{kOne, 40},
            .stateByAudit = store::Mark{kOne, 38},
            .lastRun = 7,
            .lastManifest = 7};
}

}  // namespace

class TestStateGuard : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir{};

    QString at(const QString& name) const { return m_dir->filePath("state/" + name); }
    QString refusal(uid_t user = ::geteuid()) const
    {
        const auto made = prepareStateFolder(m_dir->filePath("state"), {QStringLiteral("luigi")}, user);
        return made ? QString() : made.error().message + ": " + made.error().cause;
    }
    void put(const QString& name)
    {
        QFile file(at(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void soundFilesSayNothing()
    {
        QVERIFY(compareStateFiles(sound()).isEmpty());
        // A mark file and a witness lag behind; neither need be there.
        QVERIFY(compareStateFiles({.state = {kOne, 40}, .stateOutside = store::Mark{kOne, 39}}).isEmpty());
        QVERIFY(compareStateFiles({.state = {kOne, 0}}).isEmpty());
    }

    void whatDoesNotFitIsSaid_data()
    {
        QTest::addColumn<StateFiles>("files");
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("says");
        QTest::addColumn<bool>("stops");
        const auto row = [](const char* name, auto change, const char* file, const char* says, bool stops) {
            StateFiles files = sound();
            change(files);
            QTest::newRow(name) << files << QString(file) << QString(says) << stops;
        };
        row(
            "lost",
            [](StateFiles& f) {
                f.state = {kTwo, 1};
            },
            "state.db", "it is missing, and a new one was made", true);
        row(
            "lost with its mark",
            [](StateFiles& f) {
                f.state = {kTwo, 1};
                f.stateOutside.reset();
            },
            "state.db", "audit.db knows another", true);
        row(
            "lost, no record yet",
            [](StateFiles& f) {
                f.state = {kTwo, 0};
                f.stateByAudit.reset();
            },
            "state.db", "state.db.mark knows another", true);
        row(
            "replaced",
            [](StateFiles& f) {
                f.state = {kTwo, 900};
            },
            "state.db", "it was replaced", true);
        row(
            "older by audit",
            [](StateFiles& f) {
                f.state.commits = 37;
                f.stateOutside.reset();
            },
            "state.db", "it holds 37 commits, audit.db knows of 38", true);
        row(
            "older by mark", [](StateFiles& f) { f.state.commits = 39; }, "state.db",
            "it holds 39 commits, state.db.mark knows of 40", true);
        row(
            "manifests of others", [](StateFiles& f) { f.lastManifest = 8; }, "runs", "numbered from R-9",
            true);
        row(
            "manifest lost", [](StateFiles& f) { f.lostManifests = QStringList{"R-3"}; }, "runs",
            "the manifest of R-3 is missing", true);
        row(
            "audit cut", [](StateFiles& f) { f.auditCut = "records 5 to 9 are missing"; }, "audit.db",
            "records 5 to 9", false);
        row(
            "audit cut, production",
            [](StateFiles& f) {
                f.auditCut = "records 5 to 9 are missing";
                f.production = true;
            },
            "audit.db", "records 5 to 9", true);
    }

    void whatDoesNotFitIsSaid()
    {
        QFETCH(StateFiles, files);
        QFETCH(QString, file);
        QFETCH(QString, says);
        QFETCH(bool, stops);
        const QList<StateFinding> found = compareStateFiles(files);
        QCOMPARE(found.size(), 1);
        QCOMPARE(found.first().file, file);
        QVERIFY2(found.first().what.contains(says), qPrintable(found.first().what));
        QCOMPARE(found.first().stops, stops);
        QCOMPARE(found.first().toJson(),
                 (QJsonObject{{"file", file}, {"what", found.first().what}, {"stops", stops}}));
    }

    void aPersonDecidesAndThatIsKept()
    {
        const QString file = m_dir->filePath("state.db");
        const StateFinding finding{.file = "runs", .what = "gone", .stops = true};
        const auto open = [&] {
            auto opened = store::Database::open({.file = file, .parts = {StateGuard::schema()}});
            return opened ? std::move(*opened) : nullptr;
        };
        std::optional<bool> accepted;
        {
            auto database = open();
            QVERIFY(database);
            StateGuard guard(*database);
            QVERIFY(guard.load());
            QVERIFY(!guard.stops());
            QSignalSpy changed(&guard, &StateGuard::changed);
            guard.add({finding, {.file = "audit.db", .what = "cut", .stops = false}});
            guard.add({finding});
            QCOMPARE(changed.size(), 1);
            QVERIFY(guard.stops());
            QVERIFY(guard.refusal().cause.contains("runs: gone"));
            QVERIFY(guard.refusal().correction.contains("accept-state"));
        }
        {
            auto database = open();
            StateGuard guard(*database);
            QVERIFY(guard.load());
            QVERIFY2(guard.stops(), "a restart decides nothing");
            QCOMPARE(guard.findings().size(), 2);
            guard.accept([&accepted](const Result<void>& done) { accepted = done.has_value(); });
            QTRY_VERIFY(accepted);
            QVERIFY(*accepted && !guard.stops());
            QCOMPARE(guard.why(), QString());
        }
        auto database = open();
        StateGuard guard(*database);
        QVERIFY(guard.load());
        QVERIFY(guard.findings().isEmpty());
        guard.add({finding});
        QVERIFY2(!guard.stops(), "what was accepted is not asked again");
        guard.add({brokenChain(7, "records 7 to 9 are missing at its end", true)});
        QVERIFY(guard.stops());
        accepted.reset();
        guard.accept([&accepted](const Result<void>& done) { accepted = done.has_value(); });
        QTRY_VERIFY(accepted);
        guard.add({brokenChain(7, "records 7 to 9 are missing", true)});
        QVERIFY2(!guard.stops(), "the same place in other words");
        guard.add({brokenChain(5, "record 5 was changed", false)});
        QVERIFY(!guard.stops());
        guard.add({brokenChain(5, "record 5 was changed", true)});
        QVERIFY2(guard.stops(), "the profile became one of production");
        QCOMPARE(guard.findings().size(), 1);
        guard.add({{.file = "keyring", .what = "open", .stops = true}}, StateGuard::Keep::UntilTheEnd);
        std::optional<bool> written;
        database->write([](store::Tx&) { return Result<void>(); }, this,
                        [&written](const Result<void>& done) { written = done.has_value(); });
        QTRY_VERIFY(written);
        StateGuard later(*database);
        QVERIFY(later.load());
        QCOMPARE(later.findings().size(), 1);
    }

    /// What is damaged while it is open cannot be accepted, for nothing is written there; the person is told
    /// what to do.
    void whatIsDamagedWhileItIsOpenStops()
    {
        auto database =
            store::Database::open({.file = m_dir->filePath("state.db"), .parts = {StateGuard::schema()}});
        QVERIFY(database);
        StateGuard guard(**database);
        guard.add({{.file = "runs", .what = "gone", .stops = true}}, StateGuard::Keep::UntilTheEnd);
        QVERIFY(guard.refusal().correction.contains("accept-state"));
        const Error damage{.code = ErrorCode::DataLoss,
                           .message = "no more",
                           .cause = "frame 3 is not what was written",
                           .correction = "Copy it"};
        guard.add({damagedWhileOpen("audit.db", damage)}, StateGuard::Keep::UntilTheEnd);
        QVERIFY(guard.stops());
        QCOMPARE(guard.findings().last().toJson(), (QJsonObject{{"file", "audit.db"},
                                                                {"what", "frame 3 is not what was written"},
                                                                {"stops", true},
                                                                {"correction", "Copy it"}}));
        QCOMPARE(guard.refusal().correction, QString("Copy it"));
        QVERIFY(guard.refusal().message.contains("were damaged while it had them open"));
        QCOMPARE(guard.refusal().cause, QString("runs: gone; audit.db: frame 3 is not what was written"));
    }

    void aFolderIsMadePrivate()
    {
        QCOMPARE(refusal(), QString());
        QCOMPARE(::chmod(qPrintable(at("logs")), 0777), 0);
        QCOMPARE(::chmod(qPrintable(m_dir->filePath("state")), 0775), 0);
        put("state.db");
        QCOMPARE(refusal(), QString());
        for (const char* name : {"", "logs", "runs", "luigi", "secrets"}) {
            struct stat status {};
            QCOMPARE(::stat(qPrintable(at(name)), &status), 0);
            QCOMPARE(status.st_mode & 07777, mode_t(0700));
        }
    }

    void whatWasPlantedIsRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("how");
        for (const char* name : {"state.db", "audit.db", "audit.db.head", "state.db.mark", "logs/sluiced.log",
                                 "engine-id", "runs/R-1.db"}) {
            QTest::addRow("link %s", name) << name << "link";
            QTest::addRow("second name %s", name) << name << "second name";
        }
        for (const char* name : {"logs", "runs", "luigi", "secrets"}) {
            QTest::addRow("folder %s", name) << name << "folder link";
        }
        QTest::newRow("pipe") << "state.db"
                              << "pipe";
    }

    void whatWasPlantedIsRefused()
    {
        QFETCH(QString, name);
        QFETCH(QString, how);
        QCOMPARE(refusal(), QString());
        QFile outside(m_dir->filePath("outside"));
        QVERIFY(outside.open(QIODevice::WriteOnly));
        if (how == "link") {
            QVERIFY(QFile::link(outside.fileName(), at(name)));
        } else if (how == "second name") {
            QCOMPARE(::link(qPrintable(outside.fileName()), qPrintable(at(name))), 0);
        } else if (how == "pipe") {
            QCOMPARE(::mkfifo(qPrintable(at(name)), 0600), 0);
        } else {
            QVERIFY(QDir(at(name)).removeRecursively());
            QVERIFY(QFile::link(m_dir->path(), at(name)));
        }
        QVERIFY2(refusal().contains(name) && refusal().contains("is not used"), qPrintable(refusal()));
    }

    /// Whatever becomes of the file that names the process, there is one engine.
    void aFolderIsOneEngines()
    {
        QCOMPARE(refusal(), QString());
        const QString folder = m_dir->filePath("state");
        auto first = FolderLock::take(folder);
        QVERIFY(first);
        const auto second = FolderLock::take(folder);
        QVERIFY(!second);
        QCOMPARE(second.error().message, QStringLiteral("Another engine uses %1").arg(folder));
        QVERIFY2(second.error().cause.contains(QString::number(::getpid())),
                 qPrintable(second.error().cause));
        for (const bool replaced : {false, true}) {
            QFile::remove(at("lock"));
            if (replaced) {
                put("lock");
            }
            const auto third = FolderLock::take(folder);
            QVERIFY(!third);
            QVERIFY2(third.error().message.contains("Another engine uses"),
                     qPrintable(third.error().message));
            QVERIFY2(third.error().correction.contains("fuser"), qPrintable(third.error().correction));
        }
        QVERIFY((*first)->isNamed());
        QVERIFY(QDir().rename(folder, m_dir->filePath("elsewhere")));
        QVERIFY(!(*first)->isNamed());
        QVERIFY(QDir().mkdir(folder));
        QVERIFY2(!(*first)->isNamed(), "another folder of that name");
        QVERIFY(FolderLock::take(folder));
        first->reset();
        QVERIFY(FolderLock::take(m_dir->filePath("elsewhere")));
    }

    void aFolderThatCannotBeLockedSaysWhy()
    {
        QCOMPARE(refusal(), QString());
        QVERIFY(QDir().mkdir(at("lock")));
        const auto blocked = FolderLock::take(m_dir->filePath("state"));
        QVERIFY(!blocked);
        QVERIFY2(blocked.error().cause.contains("no engine holds it"), qPrintable(blocked.error().cause));
        QVERIFY(QDir().rmdir(at("lock")));
        put("lock");
        QVERIFY2(FolderLock::take(m_dir->filePath("state")), "of an engine that was killed");
        const auto missing = FolderLock::take(at("none"));
        QVERIFY(!missing);
        QVERIFY(!missing.error().correction.isEmpty());
        if (::geteuid() != 0) {
            QCOMPARE(::chmod(qPrintable(m_dir->filePath("state")), 0500), 0);
            const auto readOnly = FolderLock::take(m_dir->filePath("state"));
            ::chmod(qPrintable(m_dir->filePath("state")), 0700);
            QVERIFY(!readOnly);
            QVERIFY2(readOnly.error().message.contains("cannot be written"),
                     qPrintable(readOnly.error().message));
        }
    }

    /// Either of the two places is enough; two that differ are a person's to decide.
    void anEngineKeepsItsId()
    {
        QCOMPARE(refusal(), QString());
        const QString folder = m_dir->filePath("state");
        QString id;
        QList<StateFinding> findings;
        const auto start = [&](bool accepted = false) {
            EngineIdentity identity(folder);
            auto database =
                store::Database::open({.file = at("state.db"), .parts = {EngineIdentity::schema()}});
            QVERIFY(database);
            QVERIFY(identity.load(**database));
            id = identity.id();
            findings = identity.findings();
            if (accepted) {
                identity.settle(**database);
            }
        };
        const auto write = [&](const QByteArray& text) {
            QFile::remove(at("engine-id"));
            QFile file(at("engine-id"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
        };
        start();
        const QString own = id;
        QVERIFY(!own.isEmpty());
        for (const QByteArray text : {"", "no id", "11111111-1111-4111-8111"}) {
            write(text);
            start();
            QCOMPARE(id, own);
            QVERIFY(findings.isEmpty());
        }
        QVERIFY(QFile::remove(at("engine-id")));
        start();
        QCOMPARE(id, own);
        QFile file(at("engine-id"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), own.toLatin1());

        write(kTwo.toLatin1());
        start();
        QCOMPARE(id, kTwo);
        QCOMPARE(findings.size(), 1);
        QVERIFY(findings.first().stops && findings.first().file == "engine-id");
        QVERIFY2(findings.first().what.contains(own) && findings.first().what.contains(kTwo),
                 qPrintable(findings.first().what));
        start(true);
        QCOMPARE(findings.size(), 1);
        start();
        QVERIFY2(findings.isEmpty(), "a person has decided");
        for (const QString& name : QDir(folder).entryList({"state.db*"})) {
            QVERIFY(QFile::remove(at(name)));
        }
        start();
        QCOMPARE(id, kTwo);
        QVERIFY(findings.isEmpty());
    }

    void clientsFindAnEngineAsLongAsItRuns()
    {
        QCOMPARE(refusal(), QString());
        const QString folder = m_dir->filePath("state");
        std::shared_ptr<const FolderLock> lock = std::move(*FolderLock::take(folder));
        QByteArray token = *rpc::renewToken(folder);
        Publication publication(lock, folder,
                                {.url = QUrl("ws://127.0.0.1:4"),
                                 .pid = ::getpid(),
                                 .engineId = kOne,
                                 .token = QString::fromLatin1(token)},
                                [&token](const QByteArray& renewed) { token = renewed; });
        const QByteArray first = token;
        const auto found = [&] {
            publication.check();
            const auto engine = rpc::findEngine(folder);
            return engine && engine->token.toLatin1() == token;
        };
        QVERIFY2(rpc::findEngine(folder), "written at once");
        QVERIFY(QFile::remove(at("endpoint.json")));
        QTRY_VERIFY(found());
        QCOMPARE(token, first);
        put("endpoint.json");
        QTRY_VERIFY(found());
        QVERIFY(QFile::remove(at("token")));
        QTRY_VERIFY(found());
        QVERIFY2(token != first, "who has it now is not known");
        const QByteArray second = token;
        QCOMPARE(::chmod(qPrintable(at("token")), 0644), 0);
        QTRY_VERIFY(found());
        QVERIFY(token != second);
        const QByteArray third = token;
        put("token");
        QTRY_VERIFY(found());
        QVERIFY(token != third);

        QVERIFY(QFile::remove(at("endpoint.json")));
        QVERIFY(QDir().mkdir(at("endpoint.json")));
        publication.check();
        QVERIFY(QDir().rmdir(at("endpoint.json")));
        QTRY_VERIFY(found());

        const auto settle = [] {
            QThreadPool::globalInstance()->waitForDone();
            QCoreApplication::processEvents();
        };
        // Another folder has taken the name: what lies there is another engine's.
        settle();
        QVERIFY(QDir().rename(folder, m_dir->filePath("elsewhere")));
        QVERIFY(QDir().mkdir(folder));
        publication.check();
        settle();
        QVERIFY(QDir(folder).isEmpty());
        QVERIFY(QDir().rmdir(folder));
        QVERIFY(QDir().rename(m_dir->filePath("elsewhere"), folder));
        QTRY_VERIFY(found());

        settle();
        publication.check();
        publication.end();
        settle();
        QVERIFY(!QFile::exists(at("endpoint.json")));
    }

    void whatBelongsToOthersIsRefused()
    {
        QCOMPARE(refusal(), QString());
        QVERIFY(refusal(::geteuid() + 1).contains(QStringLiteral("it belongs to user %1").arg(::geteuid())));
        QVERIFY(QFile::link(m_dir->filePath("state"), m_dir->filePath("mine")));
        QVERIFY(prepareStateFolder(m_dir->filePath("mine")));
        if (::geteuid() != 0) {
            const auto theirs = prepareStateFolder(m_dir->filePath("mine"), {}, ::geteuid() + 1);
            QVERIFY(!theirs && theirs.error().cause.contains("it is a link that user"));
        }
    }
};

QTEST_GUILESS_MAIN(TestStateGuard)
#include "tst_state_guard.moc"
