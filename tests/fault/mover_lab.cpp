#include "mover_lab.h"

#include <QtCore/QDateTime>
#include <QtCore/QDeadlineTimer>
#include <QtCore/QFile>
#include <QtCore/QJsonDocument>
#include <QtCore/QProcess>
#include <QtCore/QRandomGenerator>
#include <deque>
#include <functional>

#include "model/location.h"
#include "patience.h"
#include "s3/digest.h"
#include "s3/signer.h"

using namespace sluice;

namespace {

const QString kCephLab = QStringLiteral(SLUICE_SOURCE_DIR "/tests/lab/ceph-lab");

bool onEach(librados::IoCtx& io, const QStringList& names,
            const std::function<void(librados::ObjectWriteOperation&)>& add)
{
    constexpr size_t kInFlight = 64;
    std::deque<librados::AioCompletion*> open;
    bool all = true;
    const auto waitForFirst = [&open, &all] {
        open.front()->wait_for_complete();
        all = all && open.front()->get_return_value() >= 0;
        open.front()->release();
        open.pop_front();
    };
    for (const QString& name : names) {
        if (open.size() == kInFlight) {
            waitForFirst();
        }
        librados::ObjectWriteOperation op;
        add(op);
        open.push_back(librados::Rados::aio_create_completion());
        io.aio_operate(name.toStdString(), open.back(), &op);
    }
    while (!open.empty()) {
        waitForFirst();
    }
    return all;
}

}  // namespace

MoverLab::MoverLab()
{
    const QString running = qEnvironmentVariable("SLUICE_TEST_LAB_DIR");
    m_own = running.isEmpty();
    m_dir = m_own ? m_folder.path() : running;
}

MoverLab::~MoverLab()
{
    if (m_rados) {
        m_rados->shutdown();
    }
    if (m_own) {
        lab({QStringLiteral("down")});
    }
}

int MoverLab::lab(const QStringList& arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardOutputFile(m_folder.filePath(QStringLiteral("lab.log")), QIODevice::Append);
    process.start(kCephLab, QStringList{QStringLiteral("--dir"), m_dir} + arguments);
    return process.waitForFinished(180'000) ? process.exitCode() : -1;
}

QString MoverLab::up(const QString& store)
{
    if (m_own && lab({QStringLiteral("up"), QStringLiteral("--store"), store}) != 0) {
        QFile log(m_folder.filePath(QStringLiteral("lab.log")));
        return log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll()) : QStringLiteral("no log");
    }
    QProcess env;
    env.start(kCephLab, {QStringLiteral("--dir"), m_dir, QStringLiteral("env")});
    env.waitForFinished();
    QMap<QString, QString> values;
    for (const QString& line : QString::fromUtf8(env.readAllStandardOutput()).split('\n')) {
        values.insert(line.section(' ', 1).section('=', 0, 0), line.section('=', 1));
    }
    m_conf = values[QStringLiteral("CEPH_CONF")];
    m_endpoint = values[QStringLiteral("SLUICE_LAB_S3_ENDPOINT")];
    QFile keys(values[QStringLiteral("SLUICE_LAB_S3_KEY_FILE")]);
    if (!keys.open(QIODevice::ReadOnly)) {
        return QStringLiteral("no S3 keys in %1").arg(keys.fileName());
    }
    m_accessKey = keys.readLine().trimmed();
    m_secretKey = keys.readLine().trimmed();
    m_rados = std::make_unique<librados::Rados>();
    m_rados->init2("client.admin", "ceph", 0);
    m_rados->conf_read_file(m_conf.toUtf8().constData());
    if (const int code = m_rados->connect(); code < 0) {
        return QStringLiteral("client.admin: %1").arg(code);
    }
    m_transport = std::make_unique<s3::CurlTransport>(QStringLiteral("rgw.vega"), s3::Timeouts{});
    m_s3 = std::make_unique<s3::Client>(
        s3::Gateway{.name = QStringLiteral("rgw.vega"),
                    .endpoint = m_endpoint,
                    .credentials = {.accessKey = m_accessKey, .secretKey = m_secretKey}},
        *m_transport, m_clock);
    if (!m_own) {
        for (const char* cephPool : {"landing", "train", "publish"}) {
            librados::IoCtx left = io(QString::fromUtf8(cephPool));
            clear(left);
        }
    }
    return {};
}

void MoverLab::makeBucket(const QString& bucket)
{
    static_cast<void>(m_s3->createBucket(bucket));
    for (;;) {
        const auto page = m_s3->listObjects(bucket, {});
        if (!page || page->objects.isEmpty()) {
            return;
        }
        for (const s3::ListedObject& object : page->objects) {
            static_cast<void>(m_s3->deleteObject(bucket, object.key));
        }
    }
}

int MoverLab::setVersioning(const QString& bucket, const QByteArray& status)
{
    const QByteArray body =
        "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>";
    const QByteArray host = m_endpoint.section(QStringLiteral("//"), 1).toLatin1();
    s3::SigningInput input{
        .method = "PUT",
        .path = '/' + bucket.toLatin1(),
        .query = {{"versioning", ""}},
        .headers = {{"Host", host}},
        .payloadHash = s3::sha256(body).toHex(),
        .timestamp =
            QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'")).toLatin1(),
        .region = "default"};
    input.headers.emplaceBack("x-amz-date", input.timestamp);
    input.headers.emplaceBack("x-amz-content-sha256", input.payloadHash);
    s3::HttpRequest request{.method = input.method,
                            .origin = m_endpoint.toLatin1(),
                            .path = input.path,
                            .query = s3::canonicalQuery(input.query),
                            .headers = input.headers,
                            .body = body};
    request.headers.emplaceBack(
        "Authorization", s3::authorization(input, {.accessKey = m_accessKey, .secretKey = m_secretKey}));
    const auto answer = m_transport->send(request);
    return answer ? answer->status : -1;
}

librados::IoCtx MoverLab::io(const QString& cephPool)
{
    librados::IoCtx io;
    if (m_rados->ioctx_create(cephPool.toUtf8().constData(), io) < 0) {
        command({{"prefix", "osd pool create"}, {"pool", cephPool}, {"pg_num", 4}, {"pgp_num", 4}});
        command({{"prefix", "osd pool application enable"}, {"pool", cephPool}, {"app", "rados"}});
        m_rados->wait_for_latest_osdmap();
        m_rados->ioctx_create(cephPool.toUtf8().constData(), io);
    }
    return io;
}

int MoverLab::command(const QJsonObject& request, QByteArray* out)
{
    QJsonObject json = request;
    json["format"] = QStringLiteral("json");
    librados::bufferlist answer;
    std::string words;
    const int code = m_rados->mon_command(QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString(),
                                          {}, &answer, &words);
    if (out) {
        *out = QByteArray(answer.c_str(), static_cast<qsizetype>(answer.length()));
    }
    return code;
}

QJsonArray MoverLab::pgs(const QString& cephPool)
{
    librados::bufferlist answer;
    std::string words;
    const QJsonObject request{{"prefix", "pg ls-by-pool"}, {"poolstr", cephPool}, {"format", "json"}};
    m_rados->mgr_command(QJsonDocument(request).toJson(QJsonDocument::Compact).toStdString(), {}, &answer,
                         &words);
    const QByteArray bytes(answer.c_str(), static_cast<qsizetype>(answer.length()));
    return QJsonDocument::fromJson(bytes).object()["pg_stats"].toArray();
}

int MoverLab::deepScrub(const QString& pg)
{
    librados::bufferlist answer;
    std::string words;
    const QJsonObject request{{"prefix", "pg deep-scrub"}, {"pgid", pg}};
    return m_rados->mgr_command(QJsonDocument(request).toJson(QJsonDocument::Compact).toStdString(), {},
                                &answer, &words);
}

QString MoverLab::entity(const QString& name, const QString& osdCaps)
{
    const QJsonArray caps{"mon", "allow r", "osd", osdCaps};
    QByteArray out;
    if (command({{"prefix", "auth get-or-create"}, {"entity", name}, {"caps", caps}}, &out) != 0) {
        command({{"prefix", "auth caps"}, {"entity", name}, {"caps", caps}});
        command({{"prefix", "auth get"}, {"entity", name}}, &out);
    }
    return QJsonDocument::fromJson(out).array().first()["key"].toString();
}

QJsonObject MoverLab::order(const QString& from, const QString& to, const QString& run)
{
    const QString key = entity(QStringLiteral("client.mover"), QStringLiteral("allow rwx"));
    return {
        {"mode", "copy"},
        {"run", run},
        {"task", "copy"},
        {"attempt", 1},
        {"fence", 1},
        {"from", model::Location::parse(from)->toJson()},
        {"to", model::Location::parse(to)->toJson()},
        {"clusters",
         QJsonObject{{"vega", QJsonObject{{"conf", m_conf}, {"entity", "client.mover"}, {"key", key}}}}},
        {"gateways", QJsonObject{{"rgw.vega", QJsonObject{{"endpoint", m_endpoint},
                                                          {"region", "default"},
                                                          {"accessKey", QString::fromUtf8(m_accessKey)},
                                                          {"secretKey", QString::fromUtf8(m_secretKey)}}}}},
        {"inFlight", 16},
        {"onExisting", "refuse"},
        {"resume", false}};
}

QByteArray MoverLab::bytes(qsizetype size, quint32 seed)
{
    QByteArray out((size + 3) / 4 * 4, Qt::Uninitialized);
    QRandomGenerator(seed).fillRange(reinterpret_cast<quint32*>(out.data()), out.size() / 4);
    out.truncate(size);
    return out;
}

void MoverLab::write(librados::IoCtx& io, const QString& name, const QByteArray& bytes)
{
    constexpr qsizetype kPiece = 32 * 1024 * 1024;
    librados::bufferlist first;
    first.append(bytes.constData(), static_cast<unsigned>(std::min(kPiece, bytes.size())));
    io.write_full(name.toStdString(), first);
    for (qsizetype at = kPiece; at < bytes.size(); at += kPiece) {
        librados::bufferlist list;
        const auto length = static_cast<unsigned>(std::min(kPiece, bytes.size() - at));
        list.append(bytes.constData() + at, length);
        io.write(name.toStdString(), list, length, static_cast<uint64_t>(at));
    }
}

bool MoverLab::write(librados::IoCtx& io, const QStringList& names, const QByteArray& bytes)
{
    librados::bufferlist list;
    list.append(bytes.constData(), static_cast<unsigned>(bytes.size()));
    return onEach(io, names, [&list](librados::ObjectWriteOperation& op) { op.write_full(list); });
}

QByteArray MoverLab::read(librados::IoCtx& io, const QString& name)
{
    uint64_t size = 0;
    if (io.stat(name.toStdString(), &size, nullptr) < 0) {
        return {};
    }
    QByteArray out("");
    while (static_cast<uint64_t>(out.size()) < size) {
        librados::bufferlist list;
        if (io.read(name.toStdString(), list, 32 * 1024 * 1024, static_cast<uint64_t>(out.size())) <= 0) {
            return {};
        }
        out.append(list.c_str(), static_cast<qsizetype>(list.length()));
    }
    return out;
}

bool MoverLab::waitStored(librados::IoCtx& io, const QString& name)
{
    uint64_t size = 0;
    time_t when = 0;
    const QDeadlineTimer deadline(10'000);
    while (io.stat(name.toStdString(), &size, &when) != 0 || size == 0) {
        if (deadline.hasExpired()) {
            return false;
        }
    }
    return true;
}

QString MoverLab::waitStaged(librados::IoCtx& io, const QString& name)
{
    QStringList staged;
    // the worker asks for leave first, and is answered by the event loop
    const bool there = sluice::test::waitUntil([&] {
        staged = list(io, name + QStringLiteral(".sluice-staged."));
        return !staged.isEmpty();
    });
    return there ? staged.first() : QString();
}

int MoverLab::removeStaged(const QJsonArray& claims)
{
    int gone = 0;
    for (const QJsonValue& claim : claims) {
        librados::IoCtx cephPool = io(claim["cephPool"].toString());
        librados::bufferlist mark;
        mark.append(claim["mark"].toString().toStdString());
        librados::ObjectWriteOperation op;
        op.cmpxattr("sluice.partial", LIBRADOS_CMPXATTR_OP_EQ, mark);
        op.remove();
        gone += cephPool.operate(claim["object"].toString().toStdString(), &op) == 0 ? 1 : 0;
    }
    return gone;
}

QString MoverLab::deepScrubAll(const QString& cephPool)
{
    command({{"prefix", "config set"}, {"who", "osd"}, {"name", "osd_max_scrubs"}, {"value", "8"}});
    QHash<QString, QString> before;
    for (const QJsonValue& pg : pgs(cephPool)) {
        before.insert(pg["pgid"].toString(), pg["last_deep_scrub_stamp"].toString());
    }
    const QDeadlineTimer deadline(90'000);
    for (int left = 1; left > 0;) {
        left = 0;
        QStringList errors;
        for (const QJsonValue& pg : pgs(cephPool)) {
            const QString id = pg["pgid"].toString();
            if (pg["last_deep_scrub_stamp"].toString() == before[id]) {
                ++left;
                // A request is forgotten when the PG changes meanwhile.
                deepScrub(id);
            }
            if (const int wrong = pg["stat_sum"]["num_scrub_errors"].toInt(); wrong > 0) {
                errors.append(QStringLiteral("%1: %2, %3").arg(id).arg(wrong).arg(pg["state"].toString()));
            }
        }
        if (left == 0 && !errors.isEmpty()) {
            return errors.join(QStringLiteral("; "));
        }
        if (before.isEmpty() || deadline.hasExpired()) {
            return QStringLiteral("%1 placement groups were not scrubbed").arg(left);
        }
    }
    return {};
}

QStringList MoverLab::list(librados::IoCtx& io, const QString& prefix)
{
    QStringList names;
    for (auto at = io.nobjects_begin(); at != io.nobjects_end(); ++at) {
        const QString name = QString::fromStdString(at->get_oid());
        if (name.startsWith(prefix)) {
            names.append(name);
        }
    }
    names.sort();
    return names;
}

bool MoverLab::clear(librados::IoCtx& io, const QString& prefix)
{
    return onEach(io, list(io, prefix), [](librados::ObjectWriteOperation& op) { op.remove(); });
}

bool MoverLab::isLocked(librados::IoCtx& io, const QString& name, const QString& lock)
{
    int exclusive = 0;
    std::string tag;
    std::list<librados::locker_t> holders;
    return io.list_lockers(name.toStdString(), lock.toStdString(), &exclusive, &tag, &holders) >= 0 &&
           !holders.empty();
}

std::map<std::string, librados::bufferlist> MoverLab::omap(librados::IoCtx& io, const std::string& name)
{
    std::map<std::string, librados::bufferlist> all;
    bool more = true;
    while (more) {
        std::map<std::string, librados::bufferlist> page;
        if (io.omap_get_vals2(name, all.empty() ? std::string() : all.rbegin()->first, 1000, &page, &more) <
            0) {
            break;
        }
        all.merge(page);
    }
    return all;
}

bool MoverLab::answersNewClients() const
{
    librados::Rados rados;
    rados.init2("client.admin", "ceph", 0);
    rados.conf_read_file(m_conf.toUtf8().constData());
    rados.conf_set("client_mount_timeout", "1");
    return rados.connect() == 0;
}
