#include <QtCore/QProcess>

#include "patience.h"

/// The program itself where there is no display.
class TestSluice : public QObject {
    Q_OBJECT

private:
    static int run(const QStringList& arguments, QProcess& process)
    {
        QProcessEnvironment bare = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
            bare.remove(QString::fromLatin1(name));
        }
        process.setProcessEnvironment(bare);
        process.start(QStringLiteral(SLUICE_BIN_DIR "/sluice"), arguments);
        return process.waitForFinished() && process.exitStatus() == QProcess::NormalExit ? process.exitCode()
                                                                                         : -1;
    }

private Q_SLOTS:
    void helpAndVersionNeedNoDisplay()
    {
        QProcess help;
        QCOMPARE(run({"--help"}, help), 0);
        QVERIFY(help.readAllStandardOutput().contains("--screenshots"));
        QProcess version;
        QCOMPARE(run({"--version"}, version), 0);
        QVERIFY(version.readAllStandardOutput().startsWith("sluice "));
    }

    void aWindowSaysThatThereIsNoDisplay()
    {
        QProcess process;
        QCOMPARE(run({}, process), 2);
        const QByteArray said = process.readAllStandardError();
        QCOMPARE(said.count('\n'), 1);
        QVERIFY2(said.startsWith("sluice: there is no display") && said.contains("QT_QPA_PLATFORM=offscreen"),
                 said.constData());
    }
};

QTEST_GUILESS_MAIN(TestSluice)
#include "tst_sluice.moc"
