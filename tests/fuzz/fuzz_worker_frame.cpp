#include "fuzz_targets.h"
#include "promise.h"
#include "worker/frame.h"

namespace sluice::fuzz {
namespace {

/// What comes out, as bytes, when the input is fed in pieces of this size.
QList<QByteArray> framesOf(const QByteArray& input, qsizetype piece)
{
    worker::FrameDecoder decoder;
    QList<QByteArray> out;
    for (qsizetype at = 0; at < input.size(); at += piece) {
        decoder.append(input.constData() + at, std::min(piece, input.size() - at));
        while (true) {
            const auto frame = decoder.next();
            if (!frame) {
                promise(!decoder.next().has_value(), "a broken stream stays broken");
                out.append("broken");
                return out;
            }
            if (!*frame) {
                break;
            }
            const auto again = worker::encode(**frame);
            promise(again.has_value(), "what was taken can be sent");
            out.append(*again);
        }
    }
    return out;
}

}  // namespace

void workerFrame(const QByteArray& input)
{
    const QList<QByteArray> whole = framesOf(input, std::max<qsizetype>(1, input.size()));
    promise(framesOf(input, 1) == whole, "cut into single bytes, the same frames come out");
    promise(framesOf(input, 7) == whole, "cut into pieces, the same frames come out");
    for (const QByteArray& frame : whole) {
        if (frame != "broken") {
            promise(framesOf(frame, frame.size()) == QList<QByteArray>{frame},
                    "what is sent arrives the same");
        }
    }
}

}  // namespace sluice::fuzz
