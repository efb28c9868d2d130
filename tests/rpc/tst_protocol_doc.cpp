#include <QtCore/QFile>
#include <QtCore/QProcess>
#include <QtTest/QSignalSpy>

#include "patience.h"

/// resources/docs/protocol.md is what the engine's own method table says.
class TestProtocolDoc : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void documentIsTheTable();
};

void TestProtocolDoc::documentIsTheTable()
{
    QProcess engine;
    QSignalSpy finished(&engine, &QProcess::finished);
    engine.start(QStringLiteral(SLUICE_BIN_DIR "/sluiced"), {QStringLiteral("--print-protocol")});
    QVERIFY(finished.wait(20'000));
    QCOMPARE(engine.exitStatus(), QProcess::NormalExit);
    QCOMPARE(engine.exitCode(), 0);
    const QList<QByteArray> printed = engine.readAllStandardOutput().split('\n');

    QFile file(QStringLiteral(SLUICE_SOURCE_DIR "/resources/docs/protocol.md"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> stored = file.readAll().split('\n');
    for (qsizetype line = 0; line < std::max(printed.size(), stored.size()); ++line) {
        QVERIFY2(
            printed.value(line) == stored.value(line),
            qPrintable(
                QStringLiteral("line %1 of resources/docs/protocol.md is\n  %2\nbut sluiced prints\n  %3\n"
                               "Renew it: sluiced --print-protocol > resources/docs/protocol.md")
                    .arg(line + 1)
                    .arg(QString::fromUtf8(stored.value(line)), QString::fromUtf8(printed.value(line)))));
    }
    QVERIFY(printed.size() > 100);
}

QTEST_GUILESS_MAIN(TestProtocolDoc)
#include "tst_protocol_doc.moc"
