#include "rpc/close_code.h"
#include "rpc/codec.h"
#include "rpc/method_table.h"

#include <QtCore/QStringList>
#include <array>

namespace sluice::rpc {
namespace {

constexpr auto kHead = R"(# The protocol of Sluice

*Made by `sluiced --print-protocol` from the method table; do not edit.*

The engine's one door: JSON-RPC 2.0 over WebSocket, on 127.0.0.1. `endpoint.json` in the engine's state folder names the
address, `token` beside it holds the owner's secret; both are readable by their owner only. The token is new at every
start of the engine and never travels: each end proves to the other that it holds it.

## Handshake

1. The engine sends the notification `hello` with `{protocol, engine, engineId, nonce}`.
2. The client calls `identify` with a `nonce` of its own and its `proof`. Anything else first closes the connection, as
   does waiting for more than ten seconds.
3. The engine answers with its own `proof` and who the client is; from here on calls and subscriptions are served. A
   client that finds the proof wrong or missing talks to somebody else and hangs up.

A nonce is 64 hexadecimal digits, random and used once. A proof is HMAC-SHA256 in hexadecimal digits; its key is the
token's text, its data the four texts `sluice 2 client` (of the engine: `sluice 2 engine`), engineId, the engine's nonce
and the client's nonce, each preceded by its length in bytes and a colon (`15:sluice 2 client…`).

Protocol 1 sent the token in `identify`. Such a call is closed with 4010, any other protocol than 2 with 4003.

A text frame holds one JSON object. If `identify` asked for `"encoding": "cbor"`, its answer and everything after it is
CBOR of the same shape in binary frames, in both directions (text frames stay allowed from the client). Batches, and
calls without an `id`, are refused. An `id` is an integer or a text of at most 128 characters. Members that are not
known are ignored, and kept where rows and texts are passed on. Times are RFC 3339 in UTC, sizes are bytes; the unit is
in the name.

A connection from a web page is accepted only if the page's origin is this machine.

## Bounds

Connections that are not identified yet have few places: 256 for the user the engine runs as, of whom the longest silent
one goes when another comes, and 32 for all other users together, at most 20 new ones a second; what is beyond is reset.
An identified client leaves its place; there may be 256 of them. A message has at most 16 MiB, 50,000 values and 64
levels, before identify 16 KiB, 64 values and 8 levels. A parameter of type string has at most 4,096 characters, one of
type text any number; strings are at most 1,000 of them. A filter has at most 16 members and 100 values.

## Close codes

| code | reason |
|---|---|
)";

constexpr auto kErrors = R"(
A frame so large that it is not even read is closed with WebSocket's own 1009, text that is not UTF-8 with 1007.

## Errors

`error.data` is always `{code, message, cause, correction, retryable, source, upstream?}`: what happened, why, and what
to do. `data.code` is one of Cancelled, InvalidArgument, DeadlineExceeded, NotFound, AlreadyExists, PermissionDenied,
ResourceExhausted, FailedPrecondition, Aborted, Unavailable, Unauthenticated, DataLoss, Internal, OutcomeUnknown.
OutcomeUnknown means that a change may or may not have happened: read the state back before anything else.

| error.code | meaning |
|---|---|
| -32700 | not JSON (or not CBOR); the connection is closed with 4000 |
| -32600 | not a call |
| -32601 | no such method |
| -32602 | params missing, of the wrong type, or a change without `requestId` |
| -32000 | the engine's own answer; see `data` |

## Subscriptions

`topic.subscribe` answers with the rows of its window. Changes follow as the notification `topic.delta`:

| member | type | |
|---|---|---|
| subscription | string | which |
| epoch | string | of another epoch: everything the client holds is void |
| revision | integer | what the client holds after this |
| baseRevision | integer | what the client must hold before this; if it does not, it calls `topic.window` |
| total | integer | rows that match the filter |
| upserts | array | rows that are new in the window or changed, whole (or their `fields`) |
| removed | strings | ids that left the window |
| order | strings | ids of the window in order; only if that changed |

Deltas are collected: at most twenty a second, fewer for a client that reads slowly, never a queue of old ones. A client
that stays behind for 30 seconds is closed with 4008.

## Methods

Class 0 reads, 1 is reversible, 2 is disruptive and needs the hash of a fresh plan, 3 is destructive. Every change needs
a `requestId`.
)";

/// A cell of a table: no line breaks, no bars.
QString cell(QString text)
{
    return text.replace('\n', ' ').replace('|', QStringLiteral("\\|"));
}

void writeFields(QString& out, const QString& title, const QList<Field>& fields)
{
    if (fields.isEmpty()) {
        return;
    }
    out += QStringLiteral("\n| %1 | type | | |\n|---|---|---|---|\n").arg(title);
    for (const Field& field : fields) {
        out +=
            QStringLiteral("| %1 | %2 | %3 | %4 |\n")
                .arg(field.name, field.type,
                     field.required ? QStringLiteral("always") : QStringLiteral("optional"), cell(field.doc));
    }
}

void writeMethod(QString& out, const Method& method)
{
    out += QStringLiteral("\n### %1\n\n").arg(method.name);
    if (!method.doc.isEmpty()) {
        out += method.doc + QStringLiteral("\n\n");
    }
    out += QStringLiteral("Role %1 · class %2").arg(toString(method.role)).arg(method.actionClass);
    if (method.mutation) {
        out += QStringLiteral(" · changes something");
    }
    if (!method.since.isEmpty()) {
        out += QStringLiteral(" · since %1").arg(method.since);
    }
    out += '\n';
    writeFields(out, QStringLiteral("params"), method.params);
    writeFields(out, QStringLiteral("result"), method.result);
}

}  // namespace

QString MethodTable::toMarkdown() const
{
    static constexpr std::array kCodes{
        CloseCode::Malformed,           CloseCode::NotIdentified,   CloseCode::BadToken,
        CloseCode::UnsupportedProtocol, CloseCode::MessageTooLarge, CloseCode::RateExceeded,
        CloseCode::OriginRefused,       CloseCode::TooManyClients,  CloseCode::TooSlow,
        CloseCode::EngineStops,         CloseCode::TokenSent};
    QString out = QString::fromUtf8(kHead);
    for (const CloseCode code : kCodes) {
        out += QStringLiteral("| %1 | %2 |\n").arg(static_cast<int>(code)).arg(describe(code));
    }
    out += QString::fromUtf8(kErrors);
    for (const Method& method : all()) {
        writeMethod(out, method);
    }
    if (!m_topics.isEmpty()) {
        out += QStringLiteral("\n## Topics\n");
        for (const TopicDoc& topic : m_topics) {
            out += QStringLiteral("\n### %1\n\n%2\n").arg(topic.name, topic.doc);
            writeFields(out, QStringLiteral("row"), topic.row);
        }
    }
    return out + m_chapters;
}

}  // namespace sluice::rpc
