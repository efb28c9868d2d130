#include "store/commit_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <QtCore/QUuid>
#include <cerrno>

#include "core/canonical_json.h"
#include "core/log.h"
#include "store/sqlite_error.h"

namespace sluice::store {
namespace {

constexpr int kDigits = 19;
constexpr int kSumLength = 16;
constexpr int kMostBytes = 256;
const char* const kPrefix = "sluice-store-mark 1 ";

QString pathFor(const QString& database)
{
    return database + QStringLiteral(".mark");
}

QByteArray lineOf(const Mark& mark)
{
    const QByteArray line = QByteArray(kPrefix) + mark.id.toLatin1() + ' ' +
                            QByteArray::number(mark.commits).rightJustified(kDigits, '0') + ' ';
    return line + sha256Of(line).left(kSumLength).toLatin1() + '\n';
}

}  // namespace

QString Mark::toText() const
{
    return QStringLiteral("%1 %2").arg(id).arg(commits);
}

std::optional<Mark> Mark::fromText(const QString& text)
{
    bool isNumber = false;
    const Mark mark{.id = text.section(' ', 0, 0), .commits = text.section(' ', 1).toLongLong(&isNumber)};
    if (!isNumber || mark.commits < 0 || QUuid::fromString(mark.id).isNull()) {
        return {};
    }
    return mark;
}

std::optional<Mark> MarkFile::read(const QString& database)
{
    const int fd = ::open(QFile::encodeName(pathFor(database)).constData(),
                          O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return {};
    }
    QByteArray line(kMostBytes, '\0');
    const ssize_t got = ::pread(fd, line.data(), kMostBytes, 0);
    ::close(fd);
    line.truncate(got > 0 ? got : 0);
    if (!line.startsWith(kPrefix)) {
        return {};
    }
    const QList<QByteArray> words = line.mid(qstrlen(kPrefix)).split(' ');
    const auto mark = words.size() == 3 ? Mark::fromText(QString::fromLatin1(words[0] + ' ' + words[1]))
                                        : std::optional<Mark>();
    return mark && lineOf(*mark) == line ? mark : std::optional<Mark>();
}

Result<std::unique_ptr<MarkFile>> MarkFile::open(const QString& database)
{
    const QString path = pathFor(database);
    const int fd =
        ::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return fail(fileError(errno, path));
    }
    return std::unique_ptr<MarkFile>(new MarkFile(fd));
}

MarkFile::~MarkFile()
{
    ::fsync(m_fd);
    ::close(m_fd);
}

void MarkFile::write(const Mark& mark)
{
    const QByteArray line = lineOf(mark);
    if (::pwrite(m_fd, line.constData(), static_cast<size_t>(line.size()), 0) != line.size()) {
        log::warn("store", QStringLiteral("the mark of commit %1 is not kept").arg(mark.commits));
    }
}

}  // namespace sluice::store
