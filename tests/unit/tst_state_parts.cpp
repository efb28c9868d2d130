#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtSql/QSqlQuery>
#include <QtTest/QTest>

#include "audit/chain_rows.h"
#include "engine/attempt_fencer.h"
#include "engine/state_parts.h"
#include "engine/systems.h"
#include "flow/run_store.h"
#include "store/manifest.h"

using namespace sluice;

/// A step of the schema that was released is never changed: files out there hold it as it was.
class TestStateParts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stepsAreFrozen()
    {
        QFile list(QStringLiteral(SLUICE_SOURCE_DIR "/tests/unit/frozen_steps.txt"));
        QVERIFY(list.open(QIODevice::ReadOnly));
        const QStringList frozen = QString::fromUtf8(list.readAll()).split('\n', Qt::SkipEmptyParts);
        QStringList found;
        QList<store::PartSchema> schemas = engine::stateParts(engine::systems());
        schemas.append({.part = QStringLiteral("audit.db"), .steps = audit::chainSchema()});
        schemas.append({.part = QStringLiteral("manifest"), .steps = store::Manifest::schema()});
        for (const store::PartSchema& part : std::as_const(schemas)) {
            for (const store::Migration& step : part.steps) {
                const QByteArray text =
                    step.statements.join('\n').toUtf8() + '\n' + QByteArray::number(step.inFileSince);
                found.append(
                    QStringLiteral("%1 %2 %3")
                        .arg(part.part, QString::number(step.version),
                             QString::fromLatin1(QCryptographicHash::hash(text, QCryptographicHash::Sha256)
                                                     .toHex()
                                                     .left(32))));
            }
        }
        for (const QString& line : frozen) {
            QVERIFY2(found.contains(line),
                     qPrintable(QStringLiteral("%1: this step was changed or is gone; files hold it as it "
                                               "was. Put it back and add a step after it")
                                    .arg(line)));
        }
        for (const QString& line : found) {
            QVERIFY2(frozen.contains(line), qPrintable(QStringLiteral("a new step; freeze it by adding to "
                                                                      "tests/unit/frozen_steps.txt:\n%1")
                                                           .arg(line)));
        }
    }

    /// A file of the release before, whose attempts hold clients and S3 keys.
    void whatAttemptsHeldBecomesClaims()
    {
        QTemporaryDir dir;
        store::PartSchema runs = flow::RunStore::schema();
        store::PartSchema left = engine::AttemptFencer::schema();
        {
            store::PartSchema runsBefore{.part = runs.part, .steps = runs.steps.mid(0, 2)};
            store::PartSchema leftBefore{.part = left.part, .steps = left.steps.mid(0, 1)};
            const auto file =
                store::Database::open({.file = dir.filePath("s.db"), .parts = {runsBefore, leftBefore}});
            QVERIFY(file.has_value());
            const auto attempt = [](int number, const char* clients, const char* keys) {
                return QStringLiteral(
                           "INSERT INTO attempt VALUES (7, 0, %1, 3, 1, 12, 99, '%2', '%3', 5, 0, '')")
                    .arg(number)
                    .arg(QLatin1String(clients), QLatin1String(keys));
            };
            const QStringList rows{
                attempt(1, "[]", "[]"),
                attempt(2,
                        R"([{"connection":"vega","address":"10.0.0.1:0/1"},)"
                        R"({"process":{"pid":7,"startTicks":"12","marker":"a/b"}}])",
                        R"([{"connection":"rgw","accessKey":"SL1"},)"
                        R"({"connection":"rgw","bucket":"b","key":"k","uploadId":"U1"},)"
                        R"({"connection":"vega","cephPool":"train","object":"x","mark":"m"},)"
                        R"({"connection":"vega","volume":"v"}])"),
                attempt(3, "[", "[]"),
                QStringLiteral("INSERT INTO s3_left VALUES ('U1', '%1')")
                    .arg(R"({"connection":"rgw","bucket":"b","uploadId":"U1","because":{"object":"R-7"}})"),
                QStringLiteral(
                    "INSERT INTO s3_left VALUES ('SL1', '{\"connection\":\"rgw\",\"accessKey\":\"SL1\"}')"),
                QStringLiteral(
                    "INSERT INTO s3_left VALUES ('x', '{\"connection\":\"v\",\"cephPool\":\"p\"}')")};
            bool put = false;
            (*file)->write(
                [&rows](store::Tx& tx) -> Result<void> {
                    for (const QString& row : rows) {
                        if (auto done = tx.exec(row, {}); !done) {
                            return done;
                        }
                    }
                    return {};
                },
                this, [&put](const Result<void>& done) { put = done.has_value(); });
            QTRY_VERIFY(put);
        }
        const auto file = store::Database::open({.file = dir.filePath("s.db"), .parts = {runs, left}});
        QVERIFY2(file.has_value(), file ? "" : qPrintable(file.error().toLine()));
        QStringList found;
        const auto read = (*file)->readNow([&found](store::Tx& tx) {
            const auto add = [&found](const QSqlQuery& row) {
                found.append(row.value(0).toString());
                return true;
            };
            const auto attempts = tx.query("SELECT claims FROM attempt ORDER BY attempt", {}, add);
            return attempts ? tx.query("SELECT claim FROM claim_left ORDER BY name", {}, add) : attempts;
        });
        QVERIFY(read.has_value());
        QCOMPARE(
            found,
            QStringList({
                "[]",
                R"([{"kind":"ceph.client","connection":"vega","body":{"address":"10.0.0.1:0/1"}},)"
                R"({"kind":"luigi.process","connection":"","body":)"
                R"({"process":{"pid":7,"startTicks":"12","marker":"a/b"}}},)"
                R"({"kind":"s3.key","connection":"rgw","body":{"accessKey":"SL1"}},)"
                R"({"kind":"s3.upload","connection":"rgw","body":{"bucket":"b","key":"k","uploadId":"U1"}},)"
                R"({"kind":"ceph.staged","connection":"vega","body":)"
                R"({"cephPool":"train","object":"x","mark":"m"}},)"
                R"({"kind":"unknown","connection":"vega","body":{"volume":"v"}}])",
                "[[]",
                R"({"kind":"s3.key","connection":"rgw","body":{"accessKey":"SL1"},"because":null})",
                R"({"kind":"s3.upload","connection":"rgw","body":{"bucket":"b","uploadId":"U1"},)"
                R"("because":{"object":"R-7"}})",
                R"({"kind":"ceph.staged","connection":"v","body":{"cephPool":"p"},"because":null})",
            }));
    }

    void partsHaveNamesOfTheirOwn()
    {
        QStringList names;
        for (const store::PartSchema& part : engine::stateParts(engine::systems())) {
            QVERIFY(!part.part.isEmpty() && !part.steps.isEmpty());
            QVERIFY2(!names.contains(part.part), qPrintable(part.part));
            names.append(part.part);
        }
    }
};

QTEST_GUILESS_MAIN(TestStateParts)
#include "tst_state_parts.moc"
