#include <QtCore/QCryptographicHash>
#include <QtCore/QFile>
#include <QtTest/QTest>

#include "audit/chain_rows.h"
#include "engine/state_parts.h"
#include "engine/systems.h"
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
