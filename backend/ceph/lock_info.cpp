#include "ceph/lock_info.h"

#include <arpa/inet.h>

#include <QtCore/QJsonArray>
#include <QtCore/QtEndian>

#include "core/clock.h"
#include "core/redact.h"
#include "core/utf8.h"
#include "model/object_name.h"

namespace sluice::ceph {
namespace {

constexpr quint8 kExclusive = 1;
constexpr quint8 kEphemeralExclusive = 3;
constexpr quint8 kClientType = 8;
constexpr quint32 kMaxHolders = 100'000;
/// Begins what is no UTF-8, and what begins like that by itself; all of it is percent-encoded.
const QString kRaw = QStringLiteral("%00%");

/// Reads Ceph's encoding: little endian, structs with version, compatible version and length before them.
class Reader {
public:
    explicit Reader(const QByteArray& bytes) : m_bytes(bytes), m_end(bytes.size()) {}

    bool good() const { return m_good; }

    template <typename T>
    T number()
    {
        T value{};
        if (need(qsizetype(sizeof(T)))) {
            value = qFromLittleEndian<T>(m_bytes.constData() + m_at);
            m_at += qsizetype(sizeof(T));
        }
        return value;
    }

    QByteArray raw(quint32 count)
    {
        QByteArray bytes;
        if (need(qsizetype(count))) {
            bytes = m_bytes.mid(m_at, qsizetype(count));
            m_at += qsizetype(count);
        }
        return bytes;
    }

    QByteArray bytes() { return raw(number<quint32>()); }
    QString text() { return QString::fromUtf8(bytes()); }

    /// @return where the struct ends.
    qsizetype open()
    {
        number<quint8>();
        number<quint8>();
        const quint32 length = number<quint32>();
        return need(qsizetype(length)) ? m_at + qsizetype(length) : m_at;
    }

    /// Skips what a newer version added to the struct.
    void close(qsizetype end)
    {
        if (end < m_at) {
            m_good = false;
        } else {
            m_at = end;
        }
    }

private:
    bool need(qsizetype count)
    {
        m_good = m_good && count >= 0 && count <= m_end - m_at;
        return m_good;
    }

    const QByteArray& m_bytes;
    qsizetype m_end;
    qsizetype m_at{0};
    bool m_good{true};
};

QString hostText(int family, const char* bytes)
{
    char text[INET6_ADDRSTRLEN] = {};
    const bool well = ::inet_ntop(family, bytes, text, sizeof text) != nullptr;
    const QString host = well ? QString::fromLatin1(text) : QStringLiteral("-");
    return family == AF_INET6 ? QStringLiteral("[%1]").arg(host) : host;
}

/// An entity_addr_t in either of its two encodings, as "HOST:PORT/NONCE".
QString readAddress(Reader& reader)
{
    const quint8 marker = reader.number<quint8>();
    quint32 nonce = 0;
    quint16 family = 0;
    QByteArray rest;
    if (marker == 1) {
        const qsizetype end = reader.open();
        reader.number<quint32>();
        nonce = reader.number<quint32>();
        const quint32 length = reader.number<quint32>();
        if (length >= 2) {
            family = reader.number<quint16>();
            rest = reader.raw(length - 2);
        }
        reader.close(end);
    } else {
        reader.number<quint8>();
        reader.number<quint16>();
        nonce = reader.number<quint32>();
        const QByteArray storage = reader.raw(128);
        family = storage.isEmpty() ? 0 : qFromBigEndian<quint16>(storage.constData());
        rest = storage.mid(2);
    }
    QString host = QStringLiteral("-");
    if (family == AF_INET && rest.size() >= 6) {
        host = hostText(AF_INET, rest.constData() + 2);
    } else if (family == AF_INET6 && rest.size() >= 22) {
        host = hostText(AF_INET6, rest.constData() + 6);
    }
    const quint16 port = rest.size() >= 2 ? qFromBigEndian<quint16>(rest.constData()) : 0;
    return QStringLiteral("%1:%2/%3").arg(host, QString::number(port), QString::number(nonce));
}

LockHolder readHolder(Reader& reader)
{
    LockHolder holder;
    const qsizetype idEnd = reader.open();
    const quint8 type = reader.number<quint8>();
    const qint64 number = reader.number<qint64>();
    const QString kind = type == kClientType ? QStringLiteral("client") : QString::number(type);
    holder.client = QStringLiteral("%1.%2").arg(kind, QString::number(number));
    holder.cookie = lockTextOf(reader.bytes());
    reader.close(idEnd);
    const qsizetype infoEnd = reader.open();
    const quint32 seconds = reader.number<quint32>();
    const quint32 nanoseconds = reader.number<quint32>();
    holder.expiresAtMs = qint64(seconds) * 1000 + nanoseconds / 1'000'000;
    holder.address = readAddress(reader);
    holder.description = reader.text();
    reader.close(infoEnd);
    return holder;
}

}  // namespace

QString lockTextOf(const QByteArray& bytes)
{
    const auto text = nameFromBytes(bytes);
    return text && !text->startsWith(kRaw) ? model::nameOnWire(*text)
                                           : kRaw + QString::fromLatin1(bytes.toPercentEncoding());
}

QByteArray lockBytesOf(const QString& text)
{
    return text.startsWith(kRaw) ? QByteArray::fromPercentEncoding(text.mid(kRaw.size()).toLatin1())
                                 : model::nameFromWire(text).toUtf8();
}

Result<LockInfo> decodeLockInfo(const QString& name, const QByteArray& bytes)
{
    Reader reader(bytes);
    LockInfo info{.name = name};
    const qsizetype end = reader.open();
    const quint32 count = reader.number<quint32>();
    for (quint32 i = 0; reader.good() && i < count && i < kMaxHolders; ++i) {
        info.holders.append(readHolder(reader));
    }
    const quint8 type = reader.number<quint8>();
    info.exclusive = type == kExclusive || type == kEphemeralExclusive;
    info.tag = reader.text();
    reader.close(end);
    if (!reader.good()) {
        return fail(
            Error{.code = ErrorCode::DataLoss,
                  .message = QStringLiteral("The lock \"%1\" cannot be read").arg(name),
                  .cause = QStringLiteral("its record is cut off or of a form this version does not know"),
                  .correction = QStringLiteral("Look at it with: rados lock info POOL OBJECT %1").arg(name),
                  .source = QStringLiteral("ceph")});
    }
    return info;
}

QByteArray encodeGetInfo(const QString& name)
{
    const QByteArray text = lockBytesOf(name);
    QByteArray bytes(10, '\0');
    bytes[0] = 1;
    bytes[1] = 1;
    qToLittleEndian(quint32(text.size() + 4), bytes.data() + 2);
    qToLittleEndian(quint32(text.size()), bytes.data() + 6);
    return bytes + text;
}

Fact lockFact(const QString& cephPool, const QString& object, const LockInfo& lock, qint64 sizeBytes,
              const QString& changedAt, const QList<MonSession>& sessions, int answered, int total)
{
    QJsonArray holders;
    for (const LockHolder& holder : lock.holders) {
        QStringList onMons;
        QString entity;
        for (const MonSession& session : sessions) {
            if (session.address == holder.address || session.client == holder.client) {
                entity = session.entity;
                if (!onMons.contains(session.mon)) {
                    onMons.append(session.mon);
                }
            }
        }
        const bool known = !onMons.isEmpty() || (total > 0 && answered == total);
        QJsonObject json{
            {"client", holder.client},
            {"cookie", holder.cookie},
            {"address", holder.address},
            {"description", redactText(holder.description)},
            {"entity", entity},
            {"onMons", QJsonArray::fromStringList(onMons)},
            {"sessionSeen", known ? QJsonValue(!onMons.isEmpty()) : QJsonValue(QJsonValue::Null)}};
        if (holder.expiresAtMs > 0) {
            json["expiresAt"] = toRfc3339(holder.expiresAtMs);
        }
        holders.append(json);
    }
    return {.kind = QStringLiteral("lock"),
            .name = QStringLiteral("%1/%2/%3").arg(cephPool, object, lock.name),
            .source = QStringLiteral("lock get_info, sessions"),
            .facts = {{"cephPool", cephPool},
                      {"object", object},
                      {"lock", lock.name},
                      {"exclusive", lock.exclusive},
                      {"tag", lock.tag},
                      {"holders", holders},
                      {"objectChangedAt", changedAt},
                      {"sizeBytes", sizeBytes}}};
}

}  // namespace sluice::ceph
