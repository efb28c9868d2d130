#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace sluice {

/// What a message may hold. A value of a few bytes becomes about a hundred when it is built, so values are
/// counted before anything is built of them.
struct ValueLimits {
    qsizetype values{50'000};  ///< members of maps count twice, for key and value
    int depth{64};
};

enum class ScanProblem { None, Malformed, TooMany };

struct Scan {
    ScanProblem problem{ScanProblem::None};
    QString cause{};
};

/// Walks one CBOR item without building it: well formed, nothing after it, within the limits. Takes time for
/// at most `limits.values` items, whatever the bytes claim.
/// @source RFC 8949
Scan scanCbor(const QByteArray& bytes, const ValueLimits& limits);

/// The same for JSON, as far as a bound needs: values and depth. What else is wrong with it, its parser
/// finds.
Scan scanJson(const QByteArray& text, const ValueLimits& limits);

}  // namespace sluice
