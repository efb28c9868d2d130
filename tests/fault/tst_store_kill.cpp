#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QProcess>
#include <QtCore/QRandomGenerator>
#include <cstdio>

#include "audit_fixture.h"
#include "store/manifest.h"

using namespace sluice;
using namespace sluice::test;
using audit::AuditLog;
using store::Database;
using store::Manifest;
using store::ManifestEntry;
using store::ManifestTotals;

namespace {

constexpr int kRounds = 20;
constexpr int kUnderWay = 40;

Result<std::unique_ptr<Database>> openState(const QString& folder)
{
    return Database::open(
        {.file = folder + "/state.db",
         .migrations = {{.version = 1,
                         .statements = {"CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
                                        "CREATE TABLE total (id INTEGER PRIMARY KEY, items INTEGER NOT NULL)",
                                        "INSERT INTO total VALUES (1, 0)"}}}});
}

QString nameOf(qint64 number)
{
    return QStringLiteral("object-%1").arg(number, 9, 10, QLatin1Char('0'));
}

/// The program that is killed: writes without end to a state file, a manifest and an audit log, and says on
/// stdout, one line each, what was acknowledged.
class EndlessWriter : public QObject {
public:
    EndlessWriter(const QString& folder, qint64 first) : m_next(first)
    {
        m_state = std::move(*openState(folder));
        m_manifest = std::move(*Manifest::open(folder + "/R-1.db"));
        m_audit = std::move(*AuditLog::open(folder + "/audit.db", m_clock));
        for (int i = 0; i < kUnderWay; ++i) {
            writeItem();
        }
        writeEntries();
        writeRecord();
    }

private:
    static void say(const QByteArray& line)
    {
        // One write per line, so that no line is cut by the kill.
        const QByteArray text = line + '\n';
        std::fwrite(text.constData(), 1, size_t(text.size()), stdout);
        std::fflush(stdout);
    }

    void writeItem()
    {
        const qint64 id = m_next++;
        m_state->write(
            [id](store::Tx& tx) -> Result<void> {
                auto done = tx.exec("INSERT INTO item (id, text) VALUES (?, ?)", {id, QString(200, 'x')});
                return done ? tx.exec("UPDATE total SET items = items + 1") : done;
            },
            this,
            [this, id](const Result<void>& done) {
                if (done) {
                    say("item " + QByteArray::number(id));
                    writeItem();
                }
            });
    }

    void writeEntries()
    {
        QList<ManifestEntry> entries;
        const qint64 first = m_next;
        for (int i = 0; i < 20; ++i) {
            entries.append({.name = nameOf(m_next++), .size = 1, .fence = 1});
        }
        m_manifest->commit("copy", entries, this, [this, first](const Result<void>& done) {
            if (done) {
                say("entries " + QByteArray::number(first));
                writeEntries();
            }
        });
    }

    void writeRecord()
    {
        m_audit->append(recordNumber(1), this, [this](const Result<audit::Record>& done) {
            if (done) {
                say("record " + QByteArray::number(done->seq) + ' ' + done->hash.toLatin1());
                writeRecord();
            }
        });
    }

    qint64 m_next;
    SystemClock m_clock{};
    std::unique_ptr<Database> m_state{};
    std::unique_ptr<Manifest> m_manifest{};
    std::unique_ptr<AuditLog> m_audit{};
};

struct Acknowledged {
    QList<qint64> items{};
    QStringList names{};
    QHash<qint64, QString> records{};
};

}  // namespace

class TestStoreKill : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder{};
    Acknowledged m_acknowledged{};

    void note(const QByteArray& output)
    {
        for (const QByteArray& line : output.left(output.lastIndexOf('\n') + 1).split('\n')) {
            const QList<QByteArray> words = line.split(' ');
            if (words.first() == "item") {
                m_acknowledged.items.append(words.at(1).toLongLong());
            } else if (words.first() == "entries") {
                for (int i = 0; i < 20; ++i) {
                    m_acknowledged.names.append(nameOf(words.at(1).toLongLong() + i));
                }
            } else if (words.first() == "record") {
                m_acknowledged.records.insert(words.at(1).toLongLong(), QString::fromLatin1(words.at(2)));
            }
        }
    }

    void checkState()
    {
        auto opened = openState(m_folder.path());
        QVERIFY2(opened.has_value(), opened ? "" : qPrintable(opened.error().toLine()));
        QSet<qint64> there;
        QVERIFY((*opened)->readNow([&there](store::Tx& tx) {
            return tx.query("SELECT id FROM item", {}, [&there](const QSqlQuery& row) {
                there.insert(row.value(0).toLongLong());
                return true;
            });
        }));
        for (const qint64 id : m_acknowledged.items) {
            QVERIFY2(there.contains(id),
                     qPrintable(QStringLiteral("item %1 was acknowledged and is lost").arg(id)));
        }
        // Both statements of a work, or none.
        QCOMPARE(valueOf(**opened, "SELECT items FROM total").toLongLong(), there.size());
    }

    void checkManifest()
    {
        auto manifest = Manifest::open(m_folder.filePath("R-1.db"));
        QVERIFY(manifest);
        const auto found = await<Result<QList<ManifestEntry>>>(
            [&](QObject* c, auto done) { (*manifest)->lookup("copy", m_acknowledged.names, c, done); });
        QVERIFY(found);
        QCOMPARE(found->size(), m_acknowledged.names.size());
        const auto totals = await<Result<ManifestTotals>>(
            [&](QObject* c, auto done) { (*manifest)->totals("copy", c, done); });
        QVERIFY(totals);
        QCOMPARE(totals->objects % 20, 0);
    }

    void checkAudit()
    {
        const auto unopened = AuditLog::verifyFile(m_folder.filePath("audit.db"));
        QVERIFY2(unopened.ok, qPrintable(unopened.why));
        SystemClock clock;
        auto log = AuditLog::open(m_folder.filePath("audit.db"), clock);
        QVERIFY(log);
        const auto found = verifyNow(**log);
        QVERIFY2(found.ok && found.why.isEmpty(), qPrintable(found.why));
        for (auto it = m_acknowledged.records.cbegin(); it != m_acknowledged.records.cend(); ++it) {
            QCOMPARE(
                valueOf((*log)->database(), "SELECT hash FROM record WHERE seq = ?", {it.key()}).toString(),
                it.value());
        }
    }

private Q_SLOTS:
    void nothingAcknowledgedIsLost()
    {
        QVERIFY(m_folder.isValid());
        QRandomGenerator random = QRandomGenerator::securelySeeded();
        for (int round = 0; round < kRounds; ++round) {
            QProcess writer;
            writer.setProcessChannelMode(QProcess::SeparateChannels);
            writer.start(QCoreApplication::applicationFilePath(),
                         {"--write", m_folder.path(), QString::number((round + 1) * 10'000'000LL)});
            QVERIFY(writer.waitForStarted());
            // In some rounds at once, perhaps while the files are opened; in the others while it writes.
            const int patience = round % 5 == 4 ? 0 : kPatienceMs;
            if (patience > 0) {
                QVERIFY2(writer.waitForReadyRead(patience), writer.readAllStandardError().constData());
            }
            QByteArray output;
            const int lifeMs = random.bounded(1, 120);
            QElapsedTimer timer;
            timer.start();
            while (timer.elapsed() < lifeMs) {
                writer.waitForReadyRead(1);
                output += writer.readAllStandardOutput();
            }
            writer.kill();
            QVERIFY(writer.waitForFinished());
            QCOMPARE(writer.exitStatus(), QProcess::CrashExit);
            output += writer.readAllStandardOutput();
            note(output);
            qInfo("round %d: killed after %d ms, %lld items, %lld entries, %lld records acknowledged so far",
                  round, lifeMs, qlonglong(m_acknowledged.items.size()),
                  qlonglong(m_acknowledged.names.size()), qlonglong(m_acknowledged.records.size()));
            checkState();
            checkManifest();
            checkAudit();
            if (QTest::currentTestFailed()) {
                return;
            }
        }
        QVERIFY(m_acknowledged.items.size() > kRounds);
        QVERIFY(m_acknowledged.names.size() > kRounds);
        QVERIFY(m_acknowledged.records.size() > kRounds);
    }
};

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() == 4 && arguments.at(1) == "--write") {
        const EndlessWriter writer(arguments.at(2), arguments.at(3).toLongLong());
        return app.exec();
    }
    TestStoreKill test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_store_kill.moc"
