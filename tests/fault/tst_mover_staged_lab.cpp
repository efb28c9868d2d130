#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtTest/QtTest>
#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "mover/crc32c.h"
#include "mover_driver.h"
#include "mover_lab.h"
#include "patience.h"

using namespace sluice;

#define FINISHED(driver) \
    QVERIFY2((driver).finish(120'000) && !(driver).done.isEmpty(), (driver).story().constData())
#define FAILED(driver) \
    QVERIFY2((driver).finish(120'000) && !(driver).failed.isEmpty(), (driver).story().constData())

namespace {

constexpr qsizetype kMiB = 1024 * 1024;

/// Asks for size and checksum of an object in one operation, again and again.
class Reader {
public:
    Reader(librados::IoCtx io, std::string name)
        : m_io(std::move(io)), m_name(std::move(name)), m_thread([this] { read(); })
    {
    }
    ~Reader() { stop(); }
    /// Sizes and checksums that were seen; {-1, 0}: there was no object.
    using Seen = std::set<std::pair<qint64, quint32>>;
    Seen stop()
    {
        m_stop = true;
        if (m_thread.joinable()) {
            m_thread.join();
        }
        return m_seen;
    }
    int reads() const { return m_reads; }
    static std::pair<qint64, quint32> of(const QByteArray& bytes)
    {
        return {bytes.size(), mover::crc32c(mover::kCrc32cStart, bytes)};
    }

private:
    void read()
    {
        while (!m_stop) {
            librados::ObjectReadOperation op;
            uint64_t size = 0;
            librados::bufferlist init;
            librados::bufferlist out;
            const quint32 start = mover::kCrc32cStart;
            init.append(reinterpret_cast<const char*>(&start), sizeof(start));
            op.stat2(&size, nullptr, nullptr);
            op.checksum(LIBRADOS_CHECKSUM_TYPE_CRC32C, init, 0, 0, 0, &out, nullptr);
            const int code = m_io.operate(m_name, &op, nullptr);
            ++m_reads;
            if (code == -ENOENT) {
                m_seen.insert({-1, 0});
                continue;
            }
            quint32 crc = start;
            if (code == 0 && out.length() == 8) {
                memcpy(&crc, out.c_str() + 4, sizeof(crc));
            }
            m_seen.insert({static_cast<qint64>(size), crc});
        }
    }

    librados::IoCtx m_io;
    std::string m_name;
    Seen m_seen{};
    std::atomic<int> m_reads{0};
    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

}  // namespace

class TestMoverStagedLab : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aReplacedObjectIsNeverSeenHalf();
    void aNewObjectIsSeenWhole_data();
    void aNewObjectIsSeenWhole();
    void attributesAndOmapArriveAtOnce_data();
    void attributesAndOmapArriveAtOnce();
    void aKeyLimitedToAPrefix();
    void aKeyWithoutClassCalls();
    void roomForBothIsAskedForFirst();
    void erasureCodedWithUnevenStripes_data();
    void erasureCodedWithUnevenStripes();
    void erasureCodedHoldsNoOmap();
    void stagedCopiesAreNoData();
    void anObjectThatOnlyASnapshotHas();
    void anObjectWithALocatorKey();
    void aDeepScrubFindsNothing();

private:
    QString folder(const QMap<QString, QByteArray>& files);
    void erasureCoded(const QString& cephPool, int data, int chunkBytes);

    MoverLab m_lab{};
    QTemporaryDir m_folder{};
    int m_folders{0};
};

void TestMoverStagedLab::initTestCase()
{
    const QString wrong = m_lab.up();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

QString TestMoverStagedLab::folder(const QMap<QString, QByteArray>& files)
{
    const QString path = m_folder.filePath(QString::number(++m_folders));
    QDir().mkpath(path);
    for (auto at = files.begin(); at != files.end(); ++at) {
        QFile file(path + '/' + at.key());
        static_cast<void>(file.open(QIODevice::WriteOnly) && file.write(at.value()));
    }
    return "file:" + path;
}

/// Read all the time, the worker killed in the middle, then another attempt: only the old or the new bytes
/// are there.
void TestMoverStagedLab::aReplacedObjectIsNeverSeenHalf()
{
    librados::IoCtx to = m_lab.io("train");
    const QByteArray old = MoverLab::bytes(12 * kMiB, 1);
    const QByteArray fresh = MoverLab::bytes(110 * kMiB, 2);
    MoverLab::write(to, "nh/x", old);
    QJsonObject order = m_lab.order(folder({{"x", fresh}}), "rados://vega/train/nh/");
    order["onExisting"] = "replace";
    Reader reader(to, "nh/x");
    MoverDriver first(order);
    first.start();
    QVERIFY2(first.waitEvent("phase", 3), first.story().constData());
    const QString staged = MoverLab::waitStaged(to, "nh/x");
    QVERIFY2(!staged.isEmpty(), first.story().constData());
    QVERIFY2(first.waitBytes(32 * kMiB), first.story().constData());
    first.kill();
    QVERIFY(first.finish());
    QVERIFY(MoverLab::read(to, "nh/x") == old);
    // what is staged is known, and of this attempt
    QCOMPARE(first.uploads.size(), 1);
    const QJsonObject claim = first.uploads.first().toObject();
    QCOMPARE(claim["connection"].toString(), QStringLiteral("vega"));
    QCOMPARE(claim["cephPool"].toString(), QStringLiteral("train"));
    QCOMPARE(claim["object"].toString(), staged);
    QCOMPARE(claim["mark"].toString(), QStringLiteral("R-1/copy/1/1"));
    QCOMPARE(m_lab.removeStaged(first.uploads), 1);

    order["attempt"] = 2;
    order["fence"] = 2;
    order["resume"] = true;
    MoverDriver second(order);
    second.start();
    FINISHED(second);
    const Reader::Seen seen = reader.stop();
    qInfo("%d reads", reader.reads());
    QCOMPARE(seen, (Reader::Seen{Reader::of(old), Reader::of(fresh)}));
    QVERIFY(MoverLab::read(to, "nh/x") == fresh);
    QCOMPARE(MoverLab::list(to, "nh/"), QStringList("nh/x"));
    QVERIFY(second.uploads.isEmpty());
    QCOMPARE(second.done["replaced"].toInt(), 1);
    MoverLab::clear(to, "nh/");
}

void TestMoverStagedLab::aNewObjectIsSeenWhole_data()
{
    QTest::addColumn<bool>("files");
    QTest::addColumn<qsizetype>("size");
    QTest::newRow("files, one operation") << true << 8 * kMiB;
    QTest::newRow("files, staged") << true << 60 * kMiB;
    QTest::newRow("inside the cluster") << false << 60 * kMiB;
}

void TestMoverStagedLab::aNewObjectIsSeenWhole()
{
    QFETCH(bool, files);
    QFETCH(qsizetype, size);
    librados::IoCtx to = m_lab.io("train");
    const QByteArray bytes = MoverLab::bytes(size, 3);
    librados::IoCtx from = m_lab.io("landing");
    MoverLab::write(from, "nw/x", bytes);
    Reader reader(to, "nw/x");
    MoverDriver driver(
        m_lab.order(files ? folder({{"x", bytes}}) : "rados://vega/landing/nw/", "rados://vega/train/nw/"));
    driver.start();
    FINISHED(driver);
    QCOMPARE(reader.stop(), (Reader::Seen{{-1, 0}, Reader::of(bytes)}));
    QCOMPARE(MoverLab::list(to, "nw/"), QStringList("nw/x"));
    MoverLab::clear(to, "nw/");
    MoverLab::clear(from, "nw/");
}

void TestMoverStagedLab::attributesAndOmapArriveAtOnce_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<int>("pairs");
    QTest::newRow("one operation") << qsizetype(5000) << 3;
    QTest::newRow("large") << 20 * kMiB << 3;
    QTest::newRow("small with a large omap") << qsizetype(10) << 2500;
}

/// Between clusters in the eyes of the mover: the same one under two names, so that every byte goes through
/// the worker.
void TestMoverStagedLab::attributesAndOmapArriveAtOnce()
{
    QFETCH(qsizetype, size);
    QFETCH(int, pairs);
    librados::IoCtx from = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    const QByteArray bytes = MoverLab::bytes(size, 4);
    MoverLab::write(from, "ao/x", bytes);
    librados::bufferlist value;
    value.append("v");
    std::map<std::string, librados::bufferlist> omap;
    for (int i = 0; i < pairs; ++i) {
        omap.emplace(std::to_string(i), value);
    }
    QCOMPARE(from.omap_set("ao/x", omap), 0);
    QCOMPARE(from.omap_set_header("ao/x", value), 0);
    QCOMPARE(from.setxattr("ao/x", "owner", value), 0);
    MoverLab::write(to, "ao/x", "old");
    QCOMPARE(to.setxattr("ao/x", "older", value), 0);
    QCOMPARE(to.omap_set("ao/x", {{"older", value}}), 0);
    QJsonObject order = m_lab.order("rados://vega/landing/ao/", "rados://twin/train/ao/");
    QJsonObject clusters = order["clusters"].toObject();
    clusters["twin"] = clusters.value("vega");
    order["clusters"] = clusters;
    order["onExisting"] = "replace";
    MoverDriver driver(order);
    driver.start();
    FINISHED(driver);
    QVERIFY(MoverLab::read(to, "ao/x") == bytes);
    const auto arrived = MoverLab::omap(to, "ao/x");
    QCOMPARE(arrived.size(), static_cast<size_t>(pairs));
    librados::bufferlist header;
    QCOMPARE(to.omap_get_header("ao/x", &header), 0);
    QCOMPARE(header.length(), 1U);
    std::map<std::string, librados::bufferlist> attributes;
    to.getxattrs("ao/x", attributes);
    QCOMPARE(attributes.size(), size_t(1));
    QCOMPARE(attributes.count("owner"), size_t(1));
    QCOMPARE(MoverLab::list(to, "ao/"), QStringList("ao/x"));
    MoverLab::clear(from, "ao/");
    MoverLab::clear(to, "ao/");
}

void TestMoverStagedLab::aKeyLimitedToAPrefix()
{
    librados::IoCtx to = m_lab.io("train");
    QJsonObject order = m_lab.order(folder({{"x", MoverLab::bytes(20 * kMiB, 5)}}), "rados://vega/train/kp/");
    const QString key = m_lab.entity("client.prefix", "allow rwx pool=train object_prefix kp/");
    order["clusters"] =
        QJsonObject{{"vega", QJsonObject{{"conf", m_lab.conf()}, {"entity", "client.prefix"}, {"key", key}}}};
    MoverDriver driver(order);
    driver.start();
    FINISHED(driver);
    QVERIFY(MoverLab::read(to, "kp/x") == MoverLab::bytes(20 * kMiB, 5));
    QCOMPARE(MoverLab::list(to, "kp/"), QStringList("kp/x"));
    MoverLab::clear(to, "kp/");
}

/// Without x the object class that guards a new name cannot be asked: the name is taken first, then filled.
void TestMoverStagedLab::aKeyWithoutClassCalls()
{
    librados::IoCtx to = m_lab.io("train");
    const QByteArray bytes = MoverLab::bytes(20 * kMiB, 6);
    QJsonObject order = m_lab.order(folder({{"x", bytes}}), "rados://vega/train/kc/");
    const QString key = m_lab.entity("client.nox", "allow rw pool=train");
    order["clusters"] =
        QJsonObject{{"vega", QJsonObject{{"conf", m_lab.conf()}, {"entity", "client.nox"}, {"key", key}}}};
    MoverDriver driver(order);
    driver.start();
    FINISHED(driver);
    QVERIFY(MoverLab::read(to, "kc/x") == bytes);
    std::map<std::string, librados::bufferlist> attributes;
    to.getxattrs("kc/x", attributes);
    QVERIFY(attributes.empty());
    QCOMPARE(MoverLab::list(to, "kc/"), QStringList("kc/x"));
    MoverLab::clear(to, "kc/");
}

void TestMoverStagedLab::roomForBothIsAskedForFirst()
{
    librados::IoCtx to = m_lab.io("room");
    MoverLab::clear(to);
    QCOMPARE(m_lab.command({{"prefix", "osd pool set-quota"},
                            {"pool", "room"},
                            {"field", "max_bytes"},
                            {"val", "41943040"}}),
             0);
    // the monitors tell of a Ceph pool once its placement groups were counted
    const auto counted = [this] {
        QByteArray df;
        m_lab.command({{"prefix", "df"}, {"detail", "detail"}}, &df);
        return df.contains("\"quota_bytes\":41943040");
    };
    QTRY_VERIFY(counted());
    MoverDriver driver(m_lab.order(folder({{"x", MoverLab::bytes(30 * kMiB, 7)}}), "rados://vega/room/"));
    driver.start();
    QVERIFY2(driver.waitBlocked("quota"), driver.story().constData());
    const QJsonObject event = driver.blocked.first();
    QCOMPARE(event["cephPool"].toString(), QStringLiteral("room"));
    QCOMPARE(event["object"].toString(), QStringLiteral("x"));
    QVERIFY(event["error"].toObject()["message"].toString().contains("both copies"));
    QVERIFY(MoverLab::list(to).isEmpty());
    QVERIFY(driver.uploads.isEmpty());
    QCOMPARE(m_lab.command({{"prefix", "osd pool set-quota"},
                            {"pool", "room"},
                            {"field", "max_bytes"},
                            {"val", "67108864"}}),
             0);
    FINISHED(driver);
    QCOMPARE(MoverLab::list(to), QStringList("x"));
}

/// A pool of `data` chunks of `chunkBytes` a stripe; of more chunks than there are OSDs those of the code are
/// missing.
void TestMoverStagedLab::erasureCoded(const QString& cephPool, int data, int chunkBytes)
{
    const QJsonArray profile{QStringLiteral("k=%1").arg(data), "m=1", "crush-failure-domain=osd",
                             QStringLiteral("stripe_unit=%1").arg(chunkBytes)};
    QCOMPARE(m_lab.command({{"prefix", "osd erasure-code-profile set"},
                            {"name", cephPool},
                            {"profile", profile},
                            {"force", true},
                            {"yes_i_really_mean_it", true}}),
             0);
    QCOMPARE(m_lab.command({{"prefix", "osd pool create"},
                            {"pool", cephPool},
                            {"pg_num", 4},
                            {"pool_type", "erasure"},
                            {"erasure_code_profile", cephPool}}),
             0);
    QCOMPARE(m_lab.command({{"prefix", "osd pool set"},
                            {"pool", cephPool},
                            {"var", "min_size"},
                            {"val", QString::number(data)}}),
             0);
    m_lab.command({{"prefix", "osd pool application enable"}, {"pool", cephPool}, {"app", "rados"}});
    m_lab.rados().wait_for_latest_osdmap();
}

void TestMoverStagedLab::erasureCodedWithUnevenStripes_data()
{
    QTest::addColumn<QString>("cephPool");
    QTest::addColumn<int>("data");
    QTest::addColumn<int>("chunkBytes");
    // 8 MiB is no multiple of either stripe
    QTest::newRow("three chunks of 4 KiB") << "ec3" << 3 << 4096;
    QTest::newRow("two chunks of 12 KiB") << "ec" << 2 << 12288;
}

void TestMoverStagedLab::erasureCodedWithUnevenStripes()
{
    QFETCH(QString, cephPool);
    QFETCH(int, data);
    QFETCH(int, chunkBytes);
    erasureCoded(cephPool, data, chunkBytes);
    const QString place = QStringLiteral("rados://vega/%1/").arg(cephPool);
    librados::IoCtx to = m_lab.io(cephPool);
    uint64_t alignment = 0;
    QCOMPARE(to.pool_required_alignment2(&alignment), 0);
    QVERIFY2(alignment > 0 && 8 * kMiB % static_cast<qsizetype>(alignment) != 0,
             QByteArray::number(alignment));
    QMap<QString, QByteArray> files{{"small", MoverLab::bytes(5000, 8)},
                                    {"exact", MoverLab::bytes(8 * kMiB, 9)},
                                    {"large", MoverLab::bytes(30 * kMiB + 17, 10)}};
    const QString from = folder(files);
    QJsonObject order = m_lab.order(from, place);
    MoverDriver first(order);
    first.start();
    FINISHED(first);
    // again over other bytes, and from a Ceph pool of the same cluster
    for (QByteArray& bytes : files) {
        bytes[0] = static_cast<char>(~bytes[0]);
    }
    librados::IoCtx landing = m_lab.io("landing");
    for (auto at = files.begin(); at != files.end(); ++at) {
        MoverLab::write(landing, "ec/" + at.key(), at.value());
    }
    for (const QString& again : {folder(files), QStringLiteral("rados://vega/landing/ec/")}) {
        QJsonObject replace = m_lab.order(again, place, QStringLiteral("R-2"));
        replace["onExisting"] = "replace";
        MoverDriver second(replace);
        second.start();
        FINISHED(second);
        QCOMPARE(MoverLab::list(to), QStringList(files.keys()));
        for (auto at = files.begin(); at != files.end(); ++at) {
            QVERIFY2(MoverLab::read(to, at.key()) == at.value(), qPrintable(at.key()));
        }
    }
    MoverLab::clear(landing, "ec/");
}

void TestMoverStagedLab::erasureCodedHoldsNoOmap()
{
    librados::IoCtx landing = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("ec");
    MoverLab::clear(to);
    librados::bufferlist value;
    value.append("v");
    for (const qsizetype size : {qsizetype(5000), 20 * kMiB}) {
        MoverLab::write(landing, "eo/x", MoverLab::bytes(size, 11));
        QCOMPARE(landing.omap_set("eo/x", {{"k", value}}), 0);
        for (const char* destination : {"rados://vega/ec/", "rados://twin/ec/"}) {
            QJsonObject order = m_lab.order("rados://vega/landing/eo/", destination);
            QJsonObject clusters = order["clusters"].toObject();
            clusters["twin"] = clusters.value("vega");
            order["clusters"] = clusters;
            MoverDriver driver(order);
            driver.start();
            FAILED(driver);
            QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
            QVERIFY2(driver.error("cause").contains("omap"), qPrintable(driver.error("cause")));
            QVERIFY2(MoverLab::list(to).isEmpty(), qPrintable(MoverLab::list(to).join(' ')));
        }
    }
    MoverLab::clear(landing, "eo/");
}

/// What is only called like one is data.
void TestMoverStagedLab::stagedCopiesAreNoData()
{
    librados::IoCtx landing = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    const QString staged = QStringLiteral("sd/x.sluice-staged.0123456789abcdef");
    const QString called = QStringLiteral("sd/y.sluice-staged.0123456789abcdef");
    for (const QString& name : {QStringLiteral("sd/x"), staged, called}) {
        MoverLab::write(landing, name, name.toUtf8());
    }
    librados::bufferlist mark;
    mark.append("R-9/copy/1/1");
    landing.setxattr(staged.toStdString(), "sluice.partial", mark);
    MoverDriver driver(m_lab.order("rados://vega/landing/sd/", "rados://vega/train/sd/"));
    driver.start();
    FINISHED(driver);
    QCOMPARE(MoverLab::list(to, "sd/"), (QStringList{"sd/x", called}));
    QCOMPARE(driver.done["objects"].toInt(), 2);
    MoverLab::clear(landing, "sd/");
    MoverLab::clear(to, "sd/");
}

void TestMoverStagedLab::anObjectThatOnlyASnapshotHas()
{
    librados::IoCtx from = m_lab.io("snapped");
    librados::IoCtx to = m_lab.io("train");
    MoverLab::write(from, "removed", "old");
    MoverLab::write(from, "stays", "old");
    QVERIFY(from.snap_create("before") == 0 || from.snap_create("later") == 0);
    QCOMPARE(from.remove("removed"), 0);
    QVERIFY(MoverLab::list(from).contains("removed"));
    MoverDriver driver(m_lab.order("rados://vega/snapped/", "rados://vega/train/sn/"));
    driver.start();
    FINISHED(driver);
    QCOMPARE(MoverLab::list(to, "sn/"), QStringList("sn/stays"));
    MoverLab::clear(to, "sn/");
    for (const char* snapshot : {"before", "later"}) {
        from.snap_remove(snapshot);
    }
    MoverLab::clear(from);
}

void TestMoverStagedLab::anObjectWithALocatorKey()
{
    librados::IoCtx landing = m_lab.io("landing");
    librados::IoCtx to = m_lab.io("train");
    librados::IoCtx located = m_lab.io("landing");
    located.locator_set_key("elsewhere");
    MoverLab::write(located, "lk/x", "bytes");
    MoverDriver driver(m_lab.order("rados://vega/landing/lk/", "rados://vega/train/lk/"));
    driver.start();
    FAILED(driver);
    QCOMPARE(driver.failed["object"].toString(), QStringLiteral("x"));
    QVERIFY2(driver.error("message").contains("locator key"), qPrintable(driver.error("message")));
    QVERIFY2(driver.error("cause").contains("'elsewhere'"), qPrintable(driver.error("cause")));
    QVERIFY(MoverLab::list(to, "lk/").isEmpty());
    QCOMPARE(located.remove("lk/x"), 0);
}

/// An operation that the OSD counts wrongly is found by nothing else.
void TestMoverStagedLab::aDeepScrubFindsNothing()
{
    for (int round = 1; round <= 2; ++round) {
        QMap<QString, QByteArray> files;
        for (int i = round; i < round + 8; ++i) {
            files.insert(QString::number(i),
                         MoverLab::bytes(9 * kMiB, static_cast<quint32>(100 * round + i)));
        }
        for (const char* cephPool : {"scrubbed", "ec"}) {
            m_lab.io(cephPool);
            QJsonObject order = m_lab.order(folder(files), QStringLiteral("rados://vega/%1/").arg(cephPool));
            order["onExisting"] = "replace";
            MoverDriver driver(order);
            driver.start();
            FINISHED(driver);
        }
    }
    for (const char* cephPool : {"scrubbed", "ec"}) {
        const QString wrong = m_lab.deepScrubAll(cephPool);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
}

QTEST_GUILESS_MAIN(TestMoverStagedLab)
#include "tst_mover_staged_lab.moc"
