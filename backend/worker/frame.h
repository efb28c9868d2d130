#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <optional>

#include "core/error.h"

/// The frames between the engine and a worker: u32 length (little endian), then that many bytes of one CBOR
/// map.
namespace sluice::worker {

/// Bytes of one payload, without its length.
inline constexpr quint32 kMaxFrameBytes = 16U * 1024U * 1024U;

enum class FrameType {
    Call,    ///< engine to worker; answered by a Reply of the same id
    Reply,   ///< worker to engine
    Event,   ///< worker to engine, nothing comes back
    Beat,    ///< worker to engine: its frame loop turns
    Ask,     ///< worker to engine; answered by an Answer of the same id
    Answer,  ///< engine to worker
    Cast,    ///< engine to worker, nothing comes back
};

/// One message. Call, Event, Ask and Cast have a method and `body` as its parameters; Reply and Answer have
/// either `body` as the result or `error`; only Call, Reply, Ask and Answer have an id.
struct Frame {
    FrameType type{FrameType::Beat};
    quint64 id{};
    QString method{};
    QJsonObject body{};
    qint64 deadlineMs{};
    std::optional<Error> error{};
};

Frame replyFrame(FrameType type, quint64 id, const Result<QJsonObject>& result);
/// The result or the error of a Reply or an Answer.
[[nodiscard]] Result<QJsonObject> resultOf(const Frame& frame);

/// Length and payload, ready for the socket.
/// @error ResourceExhausted: the payload is larger than kMaxFrameBytes.
[[nodiscard]] Result<QByteArray> encode(const Frame& frame);

/// Takes one payload (without its length).
/// @error InvalidArgument: no CBOR map, bytes after it, more than 500,000 values or 64 levels, an unknown
/// type, or a
///        member that the type needs is missing.
[[nodiscard]] Result<Frame> decodePayload(const QByteArray& payload);

/// Cuts a byte stream into frames, whatever the sizes of the pieces. After an error the stream cannot be
/// trusted any more: every later call returns the same error.
class FrameDecoder {
public:
    void append(const char* bytes, qsizetype count);
    /// @return nothing if no whole frame has arrived yet.
    /// @error ResourceExhausted: a frame is announced that is larger than kMaxFrameBytes. InvalidArgument: as
    ///        decodePayload, or a frame of no bytes.
    [[nodiscard]] Result<std::optional<Frame>> next();
    qsizetype buffered() const { return m_buffer.size() - m_begin; }

private:
    void dropConsumed();

    QByteArray m_buffer{};
    qsizetype m_begin{0};
    std::optional<Error> m_broken{};
};

/// Overwrites the bytes in place, for buffers that held a key.
void wipe(QByteArray& bytes);

}  // namespace sluice::worker
