#include <QtCore/QDir>
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <QtTest/QtTest>
#include <csignal>

#include "mover/crc32c.h"
#include "mover_driver.h"
#include "mover_lab.h"
#include "patience.h"
#include "s3/gateway_admin_client.h"

using namespace sluice;

#define FINISHED(driver) QVERIFY2((driver).finish() && !(driver).done.isEmpty(), (driver).story().constData())
#define FAILED(driver) QVERIFY2((driver).finish() && !(driver).failed.isEmpty(), (driver).story().constData())

namespace {

void writeFile(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY2(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size(), qPrintable(path));
}

/// Relative name to bytes of every file below.
QMap<QString, QByteArray> filesBelow(const QString& root)
{
    QMap<QString, QByteArray> files;
    QDirIterator at(root, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (at.hasNext()) {
        QFile file(at.next());
        if (file.open(QIODevice::ReadOnly)) {
            files.insert(QDir(root).relativeFilePath(file.fileName()), file.readAll());
        }
    }
    return files;
}

quint32 crcOf(const QByteArray& bytes)
{
    return mover::crc32c(mover::kCrc32cStart, bytes);
}

}  // namespace

class TestMoverCopyLab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void checksumIsCephs();
    void roundTrip();
    void attributesAndOmapComeAlongAndLocksDoNot();
    void betweenClustersBytesAttributesAndOmap();
    void secondRunKeepsEverything();
    void refusesAndReplaces();
    void killedInTheMiddleThenResumed();
    void uploadOfAKilledWorkerIsKnown();
    void verifyFindsWhatWasChanged();
    void verifyReadsTheBytesOfABucket();
    void changedSourceIsReported();
    void partialSourceIsRefused();
    void filesAreNeverHalf();
    void oddNamesThatAreNoFiles();
    void gatewayAdmin();
    void aDeepScrubFindsNothing();

private:
    MoverLab m_lab{};
};

void TestMoverCopyLab::initTestCase()
{
    const QString wrong = m_lab.up();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestMoverCopyLab::checksumIsCephs()
{
    librados::IoCtx io = m_lab.io("landing");
    for (const qsizetype size : {0, 1, 7, 8, 9, 4096, 100'001}) {
        const QByteArray bytes = MoverLab::bytes(size, static_cast<quint32>(size));
        MoverLab::write(io, "crc", bytes);
        const quint32 start = mover::kCrc32cStart;
        librados::bufferlist init;
        init.append(reinterpret_cast<const char*>(&start), 4);
        librados::bufferlist out;
        QCOMPARE(
            io.checksum("crc", LIBRADOS_CHECKSUM_TYPE_CRC32C, init, static_cast<size_t>(size), 0, 0, &out),
            0);
        if (size > 0) {
            quint32 cephs = 0;
            memcpy(&cephs, out.c_str() + 4, 4);
            QCOMPARE(crcOf(bytes), cephs);
        }
        QCOMPARE(mover::crc32cByTable(start, bytes), crcOf(bytes));
    }
    io.remove("crc");
}

/// Files to rados to rados to S3 and back into files.
void TestMoverCopyLab::roundTrip()
{
    QTemporaryDir folder;
    const QString in = folder.filePath("in");
    const QString out = folder.filePath("out");
    QMap<QString, QByteArray> files{{"plain", "hello"},
                                    {"with space and + and %41", "x"},
                                    {QStringLiteral("Łódź/日本/😀.bin"), MoverLab::bytes(70'000, 1)},
                                    {"a/b/c/d", MoverLab::bytes(8 * 1024 * 1024, 2)},
                                    {".hidden/.file", "dots"},
                                    {"..leading", "dots"},
                                    {"q?#&=;:@!$'()*,[]\"<>|\\", "reserved"},
                                    {"~tilde-_.", "unreserved"},
                                    {"line\nbreak", "control"},
                                    {"empty", ""},
                                    {"nine", MoverLab::bytes(9 * 1024 * 1024 + 3, 3)},
                                    {"big", MoverLab::bytes(80 * 1024 * 1024 + 17, 4)}};
    for (int i = 0; i < 60; ++i) {
        files.insert(QStringLiteral("many/%1").arg(i),
                     MoverLab::bytes(1000 + i, 100U + static_cast<quint32>(i)));
    }
    qint64 total = 0;
    for (auto at = files.begin(); at != files.end(); ++at) {
        writeFile(in + '/' + at.key(), at.value());
        total += at.value().size();
    }
    m_lab.makeBucket("roundtrip");
    const QStringList places{"file:" + in, "rados://vega/landing/rt/", "rados://vega/train/rt/",
                             "s3://rgw.vega/roundtrip/p q/", "file:" + out};
    for (qsizetype hop = 0; hop + 1 < places.size(); ++hop) {
        QElapsedTimer timer;
        timer.start();
        MoverDriver driver(m_lab.order(places[hop], places[hop + 1]));
        driver.start();
        FINISHED(driver);
        QCOMPARE(driver.exitCode(), 0);
        QCOMPARE(driver.done["objects"].toInteger(), files.size());
        QCOMPARE(driver.done["bytes"].toInteger(), total);
        QCOMPARE(driver.done["kept"].toInteger(), 0);
        QCOMPARE(driver.last("listed")["objects"].toInteger(), files.size());
        QCOMPARE(driver.last("listed")["bytes"].toInteger(), total);
        QVERIFY(driver.last("listed")["complete"].toBool());
        QCOMPARE(driver.progress["objectsDone"].toInteger(), files.size());
        QCOMPARE(driver.progress["bytesDone"].toInteger(), total);
        QVERIFY(driver.hop("write")["passed"].toInteger() > 0);
        QCOMPARE(driver.manifest.size(), files.size());
        for (auto at = files.begin(); at != files.end(); ++at) {
            QVERIFY2(driver.manifest.contains(at.key()), qPrintable(at.key()));
            QCOMPARE(driver.manifest[at.key()].value("size").toInteger(), at.value().size());
            QCOMPARE(static_cast<quint32>(driver.manifest[at.key()].value("crc32c").toInteger()),
                     crcOf(at.value()));
        }
        qInfo("%s -> %s: %lld ms", qPrintable(places[hop].section('/', 0, 2)),
              qPrintable(places[hop + 1].section('/', 0, 2)), timer.elapsed());
    }
    librados::IoCtx landing = m_lab.io("landing");
    librados::IoCtx train = m_lab.io("train");
    for (auto at = files.begin(); at != files.end(); ++at) {
        QVERIFY2(MoverLab::read(landing, "rt/" + at.key()) == at.value(), qPrintable(at.key()));
        QVERIFY2(MoverLab::read(train, "rt/" + at.key()) == at.value(), qPrintable(at.key()));
    }
    std::map<std::string, librados::bufferlist> attributes;
    QCOMPARE(landing.getxattrs("rt/big", attributes), 0);
    QVERIFY(attributes.empty());
    const auto result = filesBelow(out);
    QCOMPARE(result.keys(), files.keys());
    QVERIFY(result == files);
    MoverLab::clear(landing, "rt/");
    MoverLab::clear(train, "rt/");
}

void TestMoverCopyLab::attributesAndOmapComeAlongAndLocksDoNot()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    MoverLab::write(from, "at/1", "bytes");
    librados::bufferlist value;
    value.append("blue");
    from.setxattr("at/1", "colour", value);
    std::map<std::string, librados::bufferlist> omap;
    for (int i = 0; i < 2500; ++i) {
        librados::bufferlist v;
        v.append("v" + std::to_string(i));
        omap["k" + std::to_string(i)] = v;
    }
    from.omap_set("at/1", omap);
    librados::bufferlist header;
    header.append("head");
    from.omap_set_header("at/1", header);
    QCOMPARE(from.lock_exclusive("at/1", "reader", "c", "a reader", nullptr, 0), 0);
    QCOMPARE(from.create("at/2", true), 0);
    from.omap_set("at/2", omap);

    MoverDriver driver(m_lab.order("rados://vega/landing/at/", "rados://vega/train/at/"));
    driver.start();
    FINISHED(driver);
    std::map<std::string, librados::bufferlist> attributes;
    QCOMPARE(to.getxattrs("at/1", attributes), 0);
    QCOMPARE(attributes.size(), 1u);
    QCOMPARE(QByteArray(attributes["colour"].c_str(), 4), QByteArray("blue"));
    QVERIFY(!MoverLab::isLocked(to, "at/1", "reader"));
    QVERIFY(MoverLab::isLocked(from, "at/1", "reader"));
    for (const char* name : {"at/1", "at/2"}) {
        auto copied = MoverLab::omap(to, name);
        QCOMPARE(copied.size(), 2500u);
        QCOMPARE(copied["k77"].to_str(), std::string("v77"));
    }
    librados::bufferlist copiedHeader;
    to.omap_get_header("at/1", &copiedHeader);
    QCOMPARE(copiedHeader.to_str(), std::string("head"));

    // equal in every part: kept. With one pair of the omap changed: not.
    MoverDriver again(m_lab.order("rados://vega/landing/at/", "rados://vega/train/at/"));
    again.start();
    FINISHED(again);
    QCOMPARE(again.done["kept"].toInteger(), 2);
    librados::bufferlist other;
    other.append("other");
    to.omap_set("at/2", {{"k77", other}});
    MoverDriver differs(m_lab.order("rados://vega/landing/at/", "rados://vega/train/at/"));
    differs.start();
    FAILED(differs);
    QCOMPARE(differs.error("code"), QStringLiteral("AlreadyExists"));
    QCOMPARE(differs.failed["object"].toString(), QStringLiteral("2"));
    from.unlock("at/1", "reader", "c");
    MoverLab::clear(from, "at/");
    MoverLab::clear(to, "at/");
}

/// Two connections are two clusters to the mover, even if both lead to this one: read and write instead of a
/// copy inside the cluster.
void TestMoverCopyLab::betweenClustersBytesAttributesAndOmap()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    const QByteArray big = MoverLab::bytes(20 * 1024 * 1024 + 5, 9);
    MoverLab::write(from, "bc/big", big);
    MoverLab::write(from, "bc/small", "small");
    QCOMPARE(from.lock_exclusive("bc/small", "reader", "c", "", nullptr, 0), 0);
    std::map<std::string, librados::bufferlist> omap;
    for (int i = 0; i < 2100; ++i) {
        librados::bufferlist v;
        v.append(std::to_string(i));
        omap["k" + std::to_string(i)] = v;
    }
    from.omap_set("bc/big", omap);
    librados::bufferlist value;
    value.append("blue");
    from.setxattr("bc/small", "colour", value);
    // what is overwritten leaves nothing behind
    MoverLab::write(to, "bc/small", "something longer");
    to.setxattr("bc/small", "old", value);
    to.omap_set("bc/small", {{"old", value}});

    QJsonObject order = m_lab.order("rados://vega/landing/bc/", "rados://other/train/bc/");
    QJsonObject clusters = order["clusters"].toObject();
    const QJsonValue access = clusters["vega"];
    clusters["other"] = access;
    order["clusters"] = clusters;
    order["onExisting"] = "replace";
    MoverDriver driver(order);
    driver.start();
    FINISHED(driver);
    QCOMPARE(driver.clients.size(), 2);
    QCOMPARE(driver.done["replaced"].toInteger(), 1);
    QVERIFY(MoverLab::read(to, "bc/big") == big);
    QCOMPARE(MoverLab::read(to, "bc/small"), QByteArray("small"));
    QCOMPARE(MoverLab::omap(to, "bc/big").size(), 2100u);
    std::map<std::string, librados::bufferlist> attributes;
    QCOMPARE(to.getxattrs("bc/small", attributes), 0);
    QCOMPARE(attributes.size(), 1u);
    QVERIFY(attributes.count("colour") == 1);
    QVERIFY(MoverLab::omap(to, "bc/small").empty());
    attributes.clear();
    to.getxattrs("bc/big", attributes);
    QVERIFY(attributes.empty());
    from.unlock("bc/small", "reader", "c");
    MoverLab::clear(from, "bc/");
    MoverLab::clear(to, "bc/");
}

void TestMoverCopyLab::secondRunKeepsEverything()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    for (int i = 0; i < 30; ++i) {
        MoverLab::write(from, QStringLiteral("sk/%1").arg(i), MoverLab::bytes(5000, static_cast<quint32>(i)));
    }
    MoverDriver first(m_lab.order("rados://vega/landing/sk/", "rados://vega/train/sk/"));
    first.start();
    FINISHED(first);
    uint64_t size = 0;
    to.stat("sk/7", &size, nullptr);
    const uint64_t version = to.get_last_version();

    MoverDriver second(m_lab.order("rados://vega/landing/sk/", "rados://vega/train/sk/"));
    second.start();
    FINISHED(second);
    QCOMPARE(second.done["kept"].toInteger(), 30);
    QVERIFY(second.manifest["7"].value("kept").toBool());
    to.stat("sk/7", &size, nullptr);
    QCOMPARE(to.get_last_version(), version);
    MoverLab::clear(from, "sk/");
    MoverLab::clear(to, "sk/");
}

void TestMoverCopyLab::refusesAndReplaces()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    MoverLab::write(from, "rr/a", "new a");
    MoverLab::write(from, "rr/b", "new b");
    MoverLab::write(to, "rr/b", "old b");
    QJsonObject order = m_lab.order("rados://vega/landing/rr/", "rados://vega/train/rr/");
    MoverDriver refused(order);
    refused.start();
    FAILED(refused);
    QCOMPARE(refused.exitCode(), 1);
    QCOMPARE(refused.error("code"), QStringLiteral("AlreadyExists"));
    QCOMPARE(refused.failed["object"].toString(), QStringLiteral("b"));
    QVERIFY(!refused.error("correction").isEmpty());
    QCOMPARE(MoverLab::read(to, "rr/b"), QByteArray("old b"));

    order["replace"] = QJsonArray{"b"};
    MoverDriver named(order);
    named.start();
    FINISHED(named);
    QCOMPARE(named.done["replaced"].toInteger(), 1);
    QCOMPARE(MoverLab::read(to, "rr/b"), QByteArray("new b"));

    MoverLab::write(to, "rr/a", "else");
    order.remove("replace");
    order["onExisting"] = "replace";
    MoverDriver all(order);
    all.start();
    FINISHED(all);
    QCOMPARE(all.done["replaced"].toInteger(), 1);
    QCOMPARE(all.done["kept"].toInteger(), 1);
    QCOMPARE(MoverLab::read(to, "rr/a"), QByteArray("new a"));
    MoverLab::clear(from, "rr/");
    MoverLab::clear(to, "rr/");
}

void TestMoverCopyLab::killedInTheMiddleThenResumed()
{
    QTemporaryDir folder;
    librados::IoCtx to = m_lab.io("train");
    QMap<QString, QByteArray> files;
    for (int i = 0; i < 400; ++i) {
        files.insert(QStringLiteral("f%1").arg(i), MoverLab::bytes(40'000, static_cast<quint32>(i)));
    }
    for (int i = 0; i < 4; ++i) {
        files.insert(QStringLiteral("z%1").arg(i),
                     MoverLab::bytes(60 * 1024 * 1024, 500U + static_cast<quint32>(i)));
    }
    for (auto at = files.begin(); at != files.end(); ++at) {
        writeFile(folder.filePath(at.key()), at.value());
    }
    QJsonObject order = m_lab.order("file:" + folder.path(), "rados://vega/train/km/");
    MoverDriver first(order);
    first.start();
    QVERIFY2(first.waitBytes(60 * 1024 * 1024), first.story().constData());
    first.kill();
    QVERIFY(first.finish());
    QVERIFY(first.done.isEmpty());
    const qsizetype committed = first.manifest.size();
    QVERIFY2(committed > 0 && committed < files.size(), QByteArray::number(committed).constData());
    m_lab.removeStaged(first.uploads);

    order["attempt"] = 2;
    order["fence"] = 2;
    order["resume"] = true;
    MoverDriver second(order);
    second.manifest = first.manifest;
    second.start();
    FINISHED(second);
    QVERIFY(second.done["kept"].toInteger() >= committed);
    QVERIFY(second.done["kept"].toInteger() < files.size());
    QCOMPARE(second.done["objects"].toInteger(), files.size());
    QCOMPARE(MoverLab::list(to, "km/").size(), files.size());
    for (auto at = files.begin(); at != files.end(); ++at) {
        QVERIFY2(MoverLab::read(to, "km/" + at.key()) == at.value(), qPrintable(at.key()));
        std::map<std::string, librados::bufferlist> attributes;
        to.getxattrs("km/" + at.key().toStdString(), attributes);
        QVERIFY2(attributes.empty(), qPrintable(at.key()));
    }
    MoverLab::clear(to, "km/");
}

void TestMoverCopyLab::uploadOfAKilledWorkerIsKnown()
{
    QTemporaryDir folder;
    writeFile(folder.filePath("a"), MoverLab::bytes(70 * 1024 * 1024, 1));
    writeFile(folder.filePath("b"), MoverLab::bytes(250 * 1024 * 1024, 2));
    m_lab.makeBucket("killed");
    const auto foreign = m_lab.s3().createUpload("killed", "b");
    QVERIFY(foreign);
    QJsonObject order = m_lab.order("file:" + folder.path(), "s3://rgw.vega/killed/");
    order["inFlight"] = 1;
    MoverDriver driver(order);
    driver.start();
    QVERIFY2(driver.waitBytes(100 * 1024 * 1024), driver.story().constData());
    driver.kill();
    QVERIFY(driver.finish());
    QCOMPARE(driver.uploads.size(), 1);  // the upload of 'a' ended
    const QJsonObject open = driver.uploads.first().toObject();
    QCOMPARE(open["connection"].toString(), QStringLiteral("rgw.vega"));
    QCOMPARE(open["bucket"].toString(), QStringLiteral("killed"));
    QCOMPARE(open["key"].toString(), QStringLiteral("b"));
    QVERIFY(m_lab.s3().abortUpload("killed", "b", open["uploadId"].toString()));
    const auto left = m_lab.s3().listUploads("killed", "");
    QVERIFY(left);
    QCOMPARE(left->uploads.size(), 1);
    QCOMPARE(left->uploads.first().id, *foreign);
    QVERIFY(m_lab.s3().abortUpload("killed", "b", *foreign));
}

void TestMoverCopyLab::verifyFindsWhatWasChanged()
{
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    for (int i = 0; i < 20; ++i) {
        MoverLab::write(from, QStringLiteral("vf/%1").arg(i), MoverLab::bytes(3000, static_cast<quint32>(i)));
    }
    QJsonObject order = m_lab.order("rados://vega/landing/vf/", "rados://vega/train/vf/");
    MoverDriver copy(order);
    copy.start();
    FINISHED(copy);
    order["mode"] = "verify";
    MoverDriver good(order);
    good.manifest = copy.manifest;
    good.start();
    FINISHED(good);
    QCOMPARE(good.done["objects"].toInteger(), 20);

    // a lock comes and goes: the version moves, the bytes do not
    QCOMPARE(to.lock_exclusive("vf/3", "l", "c", "", nullptr, 0), 0);
    MoverDriver locked(order);
    locked.manifest = copy.manifest;
    locked.start();
    FINISHED(locked);
    to.unlock("vf/3", "l", "c");

    MoverLab::write(to, "vf/11", MoverLab::bytes(3000, 999));
    to.remove("vf/5");
    MoverDriver bad(order);
    bad.manifest = copy.manifest;
    bad.start();
    FAILED(bad);
    QCOMPARE(bad.error("code"), QStringLiteral("Aborted"));
    const QString cause = bad.error("cause");
    QVERIFY2(cause.contains("'11'") && cause.contains("'5'"), qPrintable(cause));
    QVERIFY(QStringList({"5", "11"}).contains(bad.failed["object"].toString()));
    MoverLab::clear(from, "vf/");
    MoverLab::clear(to, "vf/");
}

void TestMoverCopyLab::verifyReadsTheBytesOfABucket()
{
    librados::IoCtx from = m_lab.io("landing");
    for (int i = 0; i < 3; ++i) {
        MoverLab::write(from, QStringLiteral("vb/%1").arg(i), MoverLab::bytes(3000, static_cast<quint32>(i)));
    }
    m_lab.makeBucket("rotten");
    QJsonObject order = m_lab.order("rados://vega/landing/vb/", "s3://rgw.vega/rotten/rot/");
    MoverDriver copy(order);
    copy.start();
    FINISHED(copy);
    order["mode"] = "verify";
    MoverDriver good(order);
    good.manifest = copy.manifest;
    good.start();
    FINISHED(good);

    // below the gateway, so that its ETag stays as it was
    const auto before = m_lab.s3().headObject("rotten", "rot/1");
    librados::IoCtx data = m_lab.io("default.rgw.buckets.data");
    const QStringList stored = MoverLab::list(data).filter(QRegularExpression("_rot/1$"));
    QCOMPARE(stored.size(), 1);
    librados::bufferlist other;
    other.append(MoverLab::bytes(3000, 1).at(1700) ^ 1);
    QCOMPARE(data.write(stored.first().toStdString(), other, 1, 1700), 0);
    const auto after = m_lab.s3().headObject("rotten", "rot/1");
    QVERIFY(before && after && before->etag == after->etag && after->sizeBytes == 3000);

    MoverDriver bad(order);
    bad.manifest = copy.manifest;
    bad.start();
    FAILED(bad);
    QVERIFY2(bad.error("cause").contains("'1': its checksum is"), bad.story().constData());
    QVERIFY2(!bad.error("cause").contains("'0'") && !bad.error("cause").contains("'2'"),
             bad.story().constData());
    MoverLab::clear(from, "vb/");
}

void TestMoverCopyLab::changedSourceIsReported()
{
    // a file that is appended to while it is read; the worker is held as soon as a piece has landed
    QTemporaryDir folder;
    writeFile(folder.filePath("f"), MoverLab::bytes(100 * 1024 * 1024, 1));
    MoverDriver file(m_lab.order("file:" + folder.path(), "rados://vega/train/cs/"));
    file.start();
    QVERIFY2(file.waitEvent("phase", 3), file.story().constData());
    librados::IoCtx to = m_lab.io("train");
    QVERIFY2(!MoverLab::waitStaged(to, "cs/f").isEmpty(), file.story().constData());
    ::kill(static_cast<pid_t>(file.pid()), SIGSTOP);
    QFile appended(folder.filePath("f"));
    QVERIFY(appended.open(QIODevice::Append));
    appended.write("more");
    appended.close();
    ::kill(static_cast<pid_t>(file.pid()), SIGCONT);
    FAILED(file);
    QCOMPARE(file.error("code"), QStringLiteral("Aborted"));
    QCOMPARE(file.failed["object"].toString(), QStringLiteral("f"));
    QVERIFY(file.error("message").contains("source"));
    QVERIFY2(MoverLab::list(to, "cs/").isEmpty(), "what is torn must not stay");

    // a rados object that is overwritten between listing and copying
    librados::IoCtx from = m_lab.io("landing");
    for (int i = 0; i < 300; ++i) {
        MoverLab::write(from, QStringLiteral("cs/%1").arg(i),
                        MoverLab::bytes(200'000, static_cast<quint32>(i)));
    }
    MoverDriver rados(m_lab.order("rados://vega/landing/cs/", "file:" + folder.filePath("out")));
    rados.start();
    QVERIFY2(rados.waitEvent("phase", 3), rados.story().constData());
    ::kill(static_cast<pid_t>(rados.pid()), SIGSTOP);
    for (int i = 0; i < 300; ++i) {
        MoverLab::write(from, QStringLiteral("cs/%1").arg(i),
                        MoverLab::bytes(200'000, 1000U + static_cast<quint32>(i)));
    }
    ::kill(static_cast<pid_t>(rados.pid()), SIGCONT);
    FAILED(rados);
    QCOMPARE(rados.error("code"), QStringLiteral("Aborted"));
    QVERIFY(!rados.failed["object"].toString().isEmpty());
    MoverLab::clear(from, "cs/");
    MoverLab::clear(to, "cs/");
}

void TestMoverCopyLab::partialSourceIsRefused()
{
    librados::IoCtx from = m_lab.io("landing");
    MoverLab::write(from, "ps/x", "half");
    librados::bufferlist mark;
    mark.append("R-9/land/1/1");
    from.setxattr("ps/x", "sluice.partial", mark);
    MoverDriver driver(m_lab.order("rados://vega/landing/ps/", "rados://vega/train/ps/"));
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
    QVERIFY(driver.error("cause").contains("R-9/land/1/1"));
    librados::IoCtx to = m_lab.io("train");
    QVERIFY(MoverLab::list(to, "ps/").isEmpty());
    MoverLab::clear(from, "ps/");
}

/// Killed while it writes files: whatever has its name is whole.
void TestMoverCopyLab::filesAreNeverHalf()
{
    QTemporaryDir folder;
    librados::IoCtx from = m_lab.io("landing");
    QMap<QString, QByteArray> objects;
    for (int i = 0; i < 12; ++i) {
        objects.insert(QString::number(i), MoverLab::bytes(20 * 1024 * 1024, static_cast<quint32>(i)));
        MoverLab::write(from, "nh/" + QString::number(i), objects[QString::number(i)]);
    }
    QJsonObject order = m_lab.order("rados://vega/landing/nh/", "file:" + folder.path());
    MoverDriver first(order);
    first.start();
    QVERIFY2(first.waitBytes(60 * 1024 * 1024), first.story().constData());
    first.kill();
    QVERIFY(first.finish());
    for (const QString& name : QDir(folder.path()).entryList(QDir::Files)) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY2(file.readAll() == objects[name], qPrintable(name));
    }
    order["attempt"] = 2;
    order["resume"] = true;
    MoverDriver second(order);
    second.manifest = first.manifest;
    second.start();
    FINISHED(second);
    QVERIFY(filesBelow(folder.path()) == objects);
    QVERIFY(!QFileInfo::exists(folder.filePath(".sluice-staged")));
    MoverLab::clear(from, "nh/");
}

void TestMoverCopyLab::oddNamesThatAreNoFiles()
{
    librados::IoCtx from = m_lab.io("landing");
    for (const QString& name :
         {QStringLiteral("../up"), QStringLiteral("a//b"), QStringLiteral("dir/"), QStringLiteral("./x")}) {
        MoverLab::write(from, "no/" + name, "x");
        QTemporaryDir folder;
        MoverDriver driver(m_lab.order("rados://vega/landing/no/", "file:" + folder.filePath("deep")));
        driver.start();
        FAILED(driver);
        QCOMPARE(driver.error("code"), QStringLiteral("InvalidArgument"));
        QCOMPARE(driver.failed["object"].toString(), name);
        QVERIFY(filesBelow(folder.path()).isEmpty());
        from.remove("no/" + name.toStdString());
        // but S3 takes them
        MoverLab::write(from, "no/" + name, "x" + name.toUtf8());
        m_lab.makeBucket("oddnames");
        MoverDriver toS3(m_lab.order("rados://vega/landing/no/", "s3://rgw.vega/oddnames/"));
        toS3.start();
        FINISHED(toS3);
        const auto read = m_lab.s3().getRange("oddnames", name, 0, 100);
        QVERIFY2(read && *read == "x" + name.toUtf8(), qPrintable(name));
        from.remove("no/" + name.toStdString());
    }
}

void TestMoverCopyLab::gatewayAdmin()
{
    const QJsonObject gateway =
        m_lab.order("file:/", "file:/x")["gateways"].toObject()["rgw.vega"].toObject();
    sluice::ceph::GatewayAccess access = sluice::ceph::GatewayAccess::fromJson(gateway);
    access.connection = "rgw.vega";
    access.uid = "lab";
    const auto admin = s3::GatewayAdminClient::factory()(access);
    QVERIFY(admin->probe());
    const auto first = admin->createKey("ATTEMPT1");
    QVERIFY2(first, first ? "" : qPrintable(first.error().toLine()));
    const auto made = admin->createKey("ATTEMPT1");  // asked for again, for its answer was lost
    QVERIFY2(made, made ? "" : qPrintable(made.error().toLine()));
    SystemClock clock;
    s3::CurlTransport transport("rgw.vega", {});
    s3::Client attempt(s3::Gateway{.name = "rgw.vega",
                                   .endpoint = gateway["endpoint"].toString(),
                                   .credentials = {.accessKey = "ATTEMPT1", .secretKey = made->toUtf8()}},
                       transport, clock);
    QVERIFY(attempt.createBucket("adminbucket"));
    const auto upload = attempt.createUpload("adminbucket", "one two+%");
    const auto other = attempt.createUpload("adminbucket", "one two+%");
    QVERIFY(upload && other);
    for (int i = 0; i < 2; ++i) {
        const auto aborted = admin->abortUpload("adminbucket", "one two+%", *upload);
        QVERIFY2(aborted, aborted ? "" : qPrintable(aborted.error().toLine()));
    }
    const auto left = attempt.listUploads("adminbucket", "");
    QVERIFY(left && left->uploads.size() == 1 && left->uploads.first().id == *other);
    QVERIFY(admin->abortUpload("nosuchbucket", "k", "id"));
    QVERIFY(admin->removeKey("ATTEMPT1"));
    QTRY_VERIFY(!attempt.putObject("adminbucket", "x", QByteArray("x")));
    QCOMPARE(toString(attempt.putObject("adminbucket", "x", QByteArray("x")).error().code),
             QStringLiteral("Unauthenticated"));
    const auto again = admin->removeKey("ATTEMPT1");
    QVERIFY2(again, again ? "" : qPrintable(again.error().toLine()));
    access.secretKey = "wrong";
    QVERIFY(!s3::GatewayAdminClient(access).createKey("X"));
}

/// An operation that the OSD counts wrongly is found by nothing else.
void TestMoverCopyLab::aDeepScrubFindsNothing()
{
    librados::IoCtx from = m_lab.io("scrubfrom");
    librados::IoCtx to = m_lab.io("scrubto");
    const auto copy = [this](int round) {
        QJsonObject order = m_lab.order("rados://vega/scrubfrom/", "rados://vega/scrubto/",
                                        QStringLiteral("R-%1").arg(round));
        order["onExisting"] = "replace";
        MoverDriver driver(order);
        driver.start();
        FINISHED(driver);
    };
    QStringList names;
    for (int i = 0; i < 40; ++i) {
        names.append(QString::number(i));
    }
    QVERIFY(MoverLab::write(from, names, MoverLab::bytes(3000, 1)));
    for (const QString& name : names.mid(0, 10)) {
        QCOMPARE(from.omap_set(name.toStdString(), {{"k", {}}}), 0);
    }
    copy(1);
    QVERIFY(MoverLab::write(from, names.mid(5, 20), MoverLab::bytes(5000, 2)));
    copy(2);
    QCOMPARE(MoverLab::list(to).size(), names.size());

    const QString wrong = m_lab.deepScrubAll("scrubto");
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

QTEST_GUILESS_MAIN(TestMoverCopyLab)
#include "tst_mover_copy_lab.moc"
