#include "core/value_scan.h"

#include <QtCore/QList>

namespace sluice {
namespace {

constexpr quint64 kIndefinite = ~quint64(0);
constexpr int kTextMajor = 3;

Scan malformed(const QString& cause)
{
    return {ScanProblem::Malformed, cause};
}

Scan tooMany(qsizetype limit)
{
    return {ScanProblem::TooMany, QStringLiteral("it holds more than %1 values").arg(limit)};
}

Scan tooDeep(int limit)
{
    return malformed(QStringLiteral("nested deeper than %1").arg(limit));
}

/// One walk over the bytes. `m_open` holds, for every container that is open, how many items it still wants.
class CborWalk {
public:
    CborWalk(const QByteArray& bytes, const ValueLimits& limits) : m_bytes(bytes), m_limits(limits) {}

    Scan walk()
    {
        do {
            if (const Scan scan = item(); scan.problem != ScanProblem::None) {
                return scan;
            }
            close();
        } while (!m_open.isEmpty());
        return m_at == m_bytes.size()
                   ? Scan{}
                   : malformed(QStringLiteral("more bytes after it, from byte %1").arg(m_at));
    }

private:
    struct Open {
        quint64 left{};
        int stringMajor{};  ///< of a text or byte string in pieces: the only thing that may follow
    };

    qint64 rest() const { return m_bytes.size() - m_at; }

    Scan item()
    {
        if (rest() < 1) {
            return malformed(QStringLiteral("it is cut off"));
        }
        const auto head = static_cast<quint8>(m_bytes.at(m_at++));
        const int major = head >> 5;
        const int info = head & 31;
        if (head == 0xff) {
            return end();
        }
        if (++m_values > m_limits.values) {
            return tooMany(m_limits.values);
        }
        quint64 argument = static_cast<quint64>(info);
        if (info == 31 && (major < 2 || major > 5)) {
            return malformed(QStringLiteral("byte %1 begins nothing").arg(m_at - 1));
        }
        if (info == 31) {
            argument = kIndefinite;
        } else if (info >= 24 && !readArgument(info, &argument)) {
            return malformed(QStringLiteral("it is cut off, or byte %1 begins nothing").arg(m_at - 1));
        }
        if (!m_open.isEmpty() && m_open.last().stringMajor != 0 &&
            (m_open.last().stringMajor != major || argument == kIndefinite)) {
            return malformed(QStringLiteral("a text in pieces holds something else"));
        }
        return content(major, argument);
    }

    bool readArgument(int info, quint64* argument)
    {
        const int size = info <= 27 ? 1 << (info - 24) : 0;
        if (size == 0 || rest() < size) {
            return false;
        }
        *argument = 0;
        for (int i = 0; i < size; ++i) {
            *argument = *argument << 8 | static_cast<quint8>(m_bytes.at(m_at++));
        }
        return true;
    }

    Scan content(int major, quint64 argument)
    {
        switch (major) {
            case 2:
            case kTextMajor:
                if (argument == kIndefinite) {
                    return push({kIndefinite, major});
                }
                if (argument > static_cast<quint64>(rest())) {
                    return malformed(QStringLiteral("it claims a longer text than there are bytes"));
                }
                m_at += static_cast<qsizetype>(argument);
                return {};
            case 4:
            case 5:
                // Every item takes a byte at least, so this also keeps the doubling from running over.
                if (argument != kIndefinite && argument > static_cast<quint64>(rest())) {
                    return malformed(QStringLiteral("it claims more items than there are bytes"));
                }
                return push({argument == kIndefinite || major == 4 ? argument : 2 * argument, 0});
            case 6:
                return push({1, 0});
            default:
                return {};
        }
    }

    Scan push(const Open& open)
    {
        if (m_open.size() >= m_limits.depth) {
            return tooDeep(m_limits.depth);
        }
        // The container itself is what its parent waits for; it is counted when it closes.
        m_open.append(open);
        m_opened = true;
        return {};
    }

    /// A break: ends what has no length.
    Scan end()
    {
        if (m_open.isEmpty() || m_open.last().left != kIndefinite) {
            return malformed(QStringLiteral("byte %1 ends nothing").arg(m_at - 1));
        }
        m_open.removeLast();
        return {};
    }

    /// After an item: what it completes is complete too.
    void close()
    {
        if (m_opened) {
            m_opened = false;
            if (m_open.last().left != 0) {
                return;
            }
            m_open.removeLast();
        }
        while (!m_open.isEmpty() && m_open.last().left != kIndefinite && --m_open.last().left == 0) {
            m_open.removeLast();
        }
    }

    const QByteArray& m_bytes;
    const ValueLimits& m_limits;
    QList<Open> m_open;
    qsizetype m_at{0};
    qsizetype m_values{0};
    bool m_opened{false};
};

}  // namespace

Scan scanCbor(const QByteArray& bytes, const ValueLimits& limits)
{
    return CborWalk(bytes, limits).walk();
}

Scan scanJson(const QByteArray& text, const ValueLimits& limits)
{
    int depth = 0;
    qsizetype values = 1;
    bool inString = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inString = false;
            }
            continue;
        }
        switch (c) {
            case '"':
                inString = true;
                break;
            case '{':
            case '[':
                if (++depth > limits.depth) {
                    return tooDeep(limits.depth);
                }
                [[fallthrough]];
            case ',':
            case ':':
                if (++values > limits.values) {
                    return tooMany(limits.values);
                }
                break;
            case '}':
            case ']':
                --depth;
                break;
            default:
                break;
        }
    }
    return {};
}

}  // namespace sluice
