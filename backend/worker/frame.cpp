#include "worker/frame.h"

#include <string.h>

#include <QtCore/QCborMap>
#include <QtCore/QCborStreamReader>
#include <QtCore/QCborValue>
#include <QtCore/QtEndian>
#include <array>
#include <utility>

#include "core/units.h"
#include "core/value_scan.h"

namespace sluice::worker {
namespace {

constexpr qsizetype kLengthBytes = 4;
constexpr ValueLimits kFrameLimits{.values = 500'000, .depth = 64};
/// Consumed bytes are kept until there are this many of them, so that a burst of frames moves memory once.
constexpr qsizetype kCompactAt = 256 * 1024;

constexpr std::array<std::pair<FrameType, const char*>, 7> kTypes{{
    {FrameType::Call, "call"},
    {FrameType::Reply, "reply"},
    {FrameType::Event, "event"},
    {FrameType::Beat, "beat"},
    {FrameType::Ask, "ask"},
    {FrameType::Answer, "answer"},
    {FrameType::Cast, "cast"},
}};

QString typeName(FrameType type)
{
    for (const auto& [value, name] : kTypes) {
        if (value == type) {
            return QString::fromLatin1(name);
        }
    }
    return {};
}

bool hasId(FrameType type)
{
    return type == FrameType::Call || type == FrameType::Reply || type == FrameType::Ask ||
           type == FrameType::Answer;
}

bool isResult(FrameType type)
{
    return type == FrameType::Reply || type == FrameType::Answer;
}

Error malformed(const QString& cause)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = QStringLiteral("A message between engine and worker cannot be read"),
                 .cause = cause,
                 .correction = QStringLiteral("Check that sluiced and sluice-worker are of the same version"),
                 .source = QStringLiteral("worker")};
}

Error tooLarge(qint64 bytes)
{
    return Error{.code = ErrorCode::ResourceExhausted,
                 .message = QStringLiteral("A message between engine and worker is too large"),
                 .cause = QStringLiteral("it has %1 bytes, the limit is %2").arg(bytes).arg(kMaxFrameBytes),
                 .correction = QStringLiteral("Ask for less at once"),
                 .source = QStringLiteral("worker")};
}

}  // namespace

Frame replyFrame(FrameType type, quint64 id, const Result<QJsonObject>& result)
{
    Frame frame{.type = type, .id = id};
    if (result) {
        frame.body = *result;
    } else {
        frame.error = result.error();
    }
    return frame;
}

Result<QJsonObject> resultOf(const Frame& frame)
{
    if (frame.error) {
        return fail(*frame.error);
    }
    return frame.body;
}

Result<QByteArray> encode(const Frame& frame)
{
    QCborMap map;
    map.insert(QStringLiteral("t"), typeName(frame.type));
    if (hasId(frame.type)) {
        map.insert(QStringLiteral("id"), qint64(frame.id));
    }
    if (isResult(frame.type)) {
        if (frame.error) {
            map.insert(QStringLiteral("e"), QCborMap::fromJsonObject(frame.error->toJson()));
        } else {
            map.insert(QStringLiteral("r"), QCborMap::fromJsonObject(frame.body));
        }
    } else if (frame.type != FrameType::Beat) {
        map.insert(QStringLiteral("m"), frame.method);
        map.insert(QStringLiteral("p"), QCborMap::fromJsonObject(frame.body));
    }
    if (frame.type == FrameType::Call) {
        map.insert(QStringLiteral("deadlineMs"), frame.deadlineMs);
    }
    QByteArray payload = QCborValue(map).toCbor();
    if (payload.size() > qsizetype(kMaxFrameBytes)) {
        const qint64 bytes = payload.size();
        wipe(payload);
        return fail(tooLarge(bytes));
    }
    QByteArray bytes(kLengthBytes + payload.size(), Qt::Uninitialized);
    qToLittleEndian(quint32(payload.size()), bytes.data());
    memcpy(bytes.data() + kLengthBytes, payload.constData(), size_t(payload.size()));
    wipe(payload);
    return bytes;
}

Result<Frame> decodePayload(const QByteArray& payload)
{
    // Values are counted before any is built: a frame of tiny ones would cost a hundred times its size.
    if (const Scan scan = scanCbor(payload, kFrameLimits); scan.problem != ScanProblem::None) {
        return fail(malformed(scan.cause));
    }
    QCborStreamReader reader(payload);
    const QCborValue value = QCborValue::fromCbor(reader);
    if (reader.lastError() != QCborError::NoError) {
        return fail(malformed(QStringLiteral("it is no CBOR: ") + reader.lastError().toString()));
    }
    if (reader.currentOffset() != payload.size()) {
        return fail(malformed(QStringLiteral("bytes follow its end")));
    }
    if (!value.isMap()) {
        return fail(malformed(QStringLiteral("it is no map")));
    }
    const QCborMap map = value.toMap();
    const QString name = map.value(QStringLiteral("t")).toString();
    Frame frame;
    bool known = false;
    for (const auto& [type, text] : kTypes) {
        if (name == QLatin1String(text)) {
            frame.type = type;
            known = true;
        }
    }
    if (!known) {
        return fail(malformed(QStringLiteral("its type \"%1\" is unknown").arg(shortened(name, 32))));
    }
    if (hasId(frame.type)) {
        const QCborValue id = map.value(QStringLiteral("id"));
        if (!id.isInteger() || id.toInteger() < 0) {
            return fail(malformed(QStringLiteral("a %1 without an id").arg(name)));
        }
        frame.id = quint64(id.toInteger());
    }
    if (isResult(frame.type)) {
        const QCborValue result = map.value(QStringLiteral("r"));
        const QCborValue error = map.value(QStringLiteral("e"));
        if (error.isMap()) {
            frame.error = Error::fromJson(error.toMap().toJsonObject());
        } else if (result.isMap()) {
            frame.body = result.toMap().toJsonObject();
        } else {
            return fail(malformed(QStringLiteral("a %1 with neither result nor error").arg(name)));
        }
        return frame;
    }
    if (frame.type == FrameType::Beat) {
        return frame;
    }
    frame.method = map.value(QStringLiteral("m")).toString();
    if (frame.method.isEmpty()) {
        return fail(malformed(QStringLiteral("a %1 without a method").arg(name)));
    }
    const QCborValue params = map.value(QStringLiteral("p"));
    if (!params.isMap() && !params.isUndefined()) {
        return fail(malformed(
            QStringLiteral("the parameters of \"%1\" are no map").arg(shortened(frame.method, 64))));
    }
    frame.body = params.toMap().toJsonObject();
    frame.deadlineMs = map.value(QStringLiteral("deadlineMs")).toInteger();
    return frame;
}

void FrameDecoder::append(const char* bytes, qsizetype count)
{
    if (!m_broken) {
        m_buffer.append(bytes, count);
    }
}

Result<std::optional<Frame>> FrameDecoder::next()
{
    if (m_broken) {
        return fail(*m_broken);
    }
    if (buffered() < kLengthBytes) {
        dropConsumed();
        return std::nullopt;
    }
    const quint32 size = qFromLittleEndian<quint32>(m_buffer.constData() + m_begin);
    if (size > kMaxFrameBytes || size == 0) {
        m_broken = size == 0 ? malformed(QStringLiteral("it has no bytes")) : tooLarge(size);
        wipe(m_buffer);
        return fail(*m_broken);
    }
    if (buffered() < kLengthBytes + qsizetype(size)) {
        dropConsumed();
        return std::nullopt;
    }
    char* const payload = m_buffer.data() + m_begin + kLengthBytes;
    Result<Frame> frame = decodePayload(QByteArray::fromRawData(payload, qsizetype(size)));
    explicit_bzero(payload, size);
    m_begin += kLengthBytes + qsizetype(size);
    if (!frame) {
        m_broken = frame.error();
        wipe(m_buffer);
        return fail(*m_broken);
    }
    return std::optional<Frame>(std::move(*frame));
}

void FrameDecoder::dropConsumed()
{
    if (m_begin == m_buffer.size() || m_begin > kCompactAt) {
        m_buffer.remove(0, m_begin);
        m_begin = 0;
    }
}

void wipe(QByteArray& bytes)
{
    if (!bytes.isEmpty()) {
        explicit_bzero(bytes.data(), size_t(bytes.size()));
    }
    bytes.clear();
}

}  // namespace sluice::worker
