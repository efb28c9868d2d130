#include "audit/head_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <QtCore/QFile>
#include <cerrno>
#include <cstring>

#include "core/canonical_json.h"
#include "core/log.h"
#include "store/sqlite_error.h"

namespace sluice::audit {
namespace {

constexpr int kHashLength = 64;
constexpr int kSeqLength = 19;
constexpr int kSumLength = 16;
constexpr int kReadTries = 3;
constexpr int kMostBytes = 256;
const char* const kPrefix = "sluice-audit-head 1 ";

QByteArray lineOf(const Head& head)
{
    const QByteArray line = QByteArray(kPrefix) +
                            QByteArray::number(head.seq).rightJustified(kSeqLength, '0') + ' ' +
                            head.hash.toLatin1() + ' ';
    return line + sha256Of(line).left(kSumLength).toLatin1() + '\n';
}

std::optional<Head> parse(const QByteArray& line)
{
    const qsizetype prefix = qsizetype(std::strlen(kPrefix));
    bool isNumber = false;
    const Head head{.seq = line.mid(prefix, kSeqLength).toLongLong(&isNumber),
                    .hash = QString::fromLatin1(line.mid(prefix + kSeqLength + 1, kHashLength))};
    if (!isNumber || head.seq < 0 || lineOf(head) != line) {
        return {};
    }
    return head;
}

}  // namespace

QString Head::toText() const
{
    return QStringLiteral("%1 %2").arg(seq).arg(hash);
}

std::optional<Head> Head::fromText(const QString& text)
{
    const Head head{.seq = text.section(' ', 0, 0).toLongLong(), .hash = text.section(' ', 1)};
    return head.seq > 0 ? std::optional(head) : std::nullopt;
}

QString HeadFile::pathFor(const QString& auditFile)
{
    return auditFile + QStringLiteral(".head");
}

std::optional<Head> HeadFile::read(const QString& auditFile)
{
    // A read may cross a write; the sum in the line tells, and the next read finds it whole.
    for (int i = 0; i < kReadTries; ++i) {
        const int fd = ::open(QFile::encodeName(pathFor(auditFile)).constData(),
                              O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0) {
            return {};
        }
        QByteArray line(kMostBytes, '\0');
        const ssize_t got = ::pread(fd, line.data(), kMostBytes, 0);
        ::close(fd);
        line.truncate(got > 0 ? got : 0);
        if (const auto head = parse(line)) {
            return head;
        }
    }
    return {};
}

Result<std::unique_ptr<HeadFile>> HeadFile::open(const QString& auditFile)
{
    const QString path = pathFor(auditFile);
    const int fd =
        ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        const int code = errno;
        return fail(store::fileError(code, path));
    }
    return std::unique_ptr<HeadFile>(new HeadFile(path, fd));
}

HeadFile::~HeadFile()
{
    ::fsync(m_fd);
    ::close(m_fd);
}

void HeadFile::write(const Head& head)
{
    const QByteArray line = lineOf(head);
    const ssize_t written = ::pwrite(m_fd, line.constData(), static_cast<size_t>(line.size()), 0);
    const bool failed = written != line.size();
    if (failed && !m_failed) {
        log::warn("audit",
                  QStringLiteral("%1 cannot be written: a cut at the end of the log would be seen later")
                      .arg(m_path));
    }
    m_failed = failed;
}

void HeadFile::settle()
{
    if (m_prepared) {
        write(*m_prepared);
        m_prepared.reset();
    }
}

}  // namespace sluice::audit
