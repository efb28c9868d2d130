#include "store/writer.h"

#include <algorithm>
#include <future>

#include <QtCore/QUuid>
#include <QtSql/QSqlQuery>

#include "core/log.h"
#include "store/schema.h"
#include "store/shm_guard.h"

namespace sluice::store {
namespace {

constexpr size_t kMaxGroup = 512;
constexpr std::chrono::milliseconds kMaxGroupTime{2};
constexpr size_t kRemembered = 1024;
constexpr int kProbeBytes = 64 * 1024;

}  // namespace

Writer::Writer(Database::Options options, std::function<void()> changed)
    : m_options(std::move(options)),
      m_changed(std::move(changed)),
      m_watch(m_options.file),
      m_walWatch(m_options.file)
{
    m_commitMs.reserve(kRemembered);
}

Writer::~Writer()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

Result<void> Writer::start()
{
    std::promise<Result<void>> promise;
    auto opened = promise.get_future();
    guardSharedIndex();
    m_thread = std::thread([this, promise = std::move(promise)]() mutable {
        auto result = openFile();
        const bool good = result.has_value();
        if (!good) {
            m_connection.reset();
        }
        promise.set_value(std::move(result));
        if (good) {
            loop();
            closeFile();
        }
    });
    return opened.get();
}

Result<void> Writer::openFile()
{
    if (auto made = makeFile(m_options.file); !made) {
        return made;
    }
    const bool check = endedUncleanly(m_options.file);
    auto connection = Connection::open(m_options.file, Connection::Mode::ReadWrite, m_options.busyTimeoutMs);
    if (!connection) {
        return fail(connection.error());
    }
    m_connection = std::move(*connection);
    auto prepared = prepareFile(*m_connection, m_options, check);
    if (prepared && m_options.note) {
        prepared = openMark();
    }
    static_cast<void>(m_connection->takeTrouble());
    m_watch.remember(kLogLimitBytes);
    return prepared ? m_walWatch.open() : prepared;
}

Result<void> Writer::openMark()
{
    m_opened.outside = MarkFile::read(m_options.file);
    auto file = MarkFile::open(m_options.file);
    if (!file) {
        return fail(file.error());
    }
    m_markFile = std::move(*file);
    auto made = m_connection->exec(
        QStringLiteral("CREATE TABLE IF NOT EXISTS %1 (only INTEGER PRIMARY KEY CHECK (only = 1), "
                       "id TEXT NOT NULL, commits INTEGER NOT NULL, note TEXT NOT NULL)")
            .arg(markTable()));
    if (made) {
        made = m_connection->exec(
            QStringLiteral("INSERT OR IGNORE INTO %1 (only, id, commits, note) VALUES (1, ?, 0, '')")
                .arg(markTable()),
            {QUuid::createUuid().toString(QUuid::WithoutBraces)});
    }
    if (made) {
        made = m_connection->query(QStringLiteral("SELECT id, commits, note FROM %1").arg(markTable()), {},
                                   [this](const QSqlQuery& row) {
                                       m_opened.mark = {.id = row.value(0).toString(),
                                                        .commits = row.value(1).toLongLong()};
                                       m_opened.note = row.value(2).toString();
                                       return false;
                                   });
    }
    m_mark = m_opened.mark;
    return made;
}

Result<void> Writer::writeMark()
{
    if (!m_markFile) {
        return {};
    }
    return m_connection->exec(QStringLiteral("UPDATE %1 SET commits = ?, note = ?").arg(markTable()),
                              {m_mark.commits + 1, m_options.note()});
}

Mark Writer::mark() const
{
    const std::scoped_lock lock(m_mutex);
    return m_mark;
}

bool Writer::isSame()
{
    if (const auto damage = m_watch.look()) {
        setDamaged(*damage);
        return false;
    }
    const auto now = SteadyClock::now();
    if (now < m_lookAt) {
        return true;
    }
    m_lookAt = now + std::chrono::milliseconds(m_options.lookMs);
    return isLogWhole(WalWatch::Look::IfChanged);
}

bool Writer::isLogWhole(WalWatch::Look look)
{
    const auto damage = m_walWatch.look(look);
    if (damage) {
        setDamaged(*damage);
    }
    return !damage;
}

void Writer::moveLog(const QString& mode)
{
    if (isLogWhole(WalWatch::Look::Always)) {
        // Should it fail, the log grows, and it is tried again.
        static_cast<void>(m_connection->exec(QStringLiteral("PRAGMA wal_checkpoint(%1)").arg(mode)));
        static_cast<void>(m_connection->takeTrouble());
    }
}

void Writer::moveLongLog()
{
    const qint64 pages = m_walWatch.frames();
    m_moved = std::min(m_moved, pages);
    if (pages - m_moved >= kLogPages) {
        m_moved = pages;
        moveLog(QStringLiteral("PASSIVE"));
    }
}

void Writer::closeFile()
{
    // The last connection to close moves the log into the file, unless it may not write: then the log stays.
    std::unique_ptr<Connection> keeper;
    if (!isLogWhole(WalWatch::Look::Always) && m_watch.isNamed()) {
        auto opened = Connection::open(m_options.file, Connection::Mode::Inspect, m_options.busyTimeoutMs);
        if (opened) {
            keeper = std::move(*opened);
            static_cast<void>(keeper->integer(QStringLiteral("SELECT count(*) FROM sqlite_schema")));
        }
    }
    m_connection.reset();
}

void Writer::add(Database::Work work, std::unique_ptr<Answer> answer)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_queue.push_back(Item{std::move(work), std::move(answer)});
    }
    m_wake.notify_one();
}

Database::State Writer::state() const
{
    const std::scoped_lock lock(m_mutex);
    return m_state;
}

Database::Figures Writer::figures() const
{
    Database::Figures figures;
    std::vector<double> times;
    {
        const std::scoped_lock lock(m_mutex);
        figures = {.commits = m_commits, .writes = m_writes, .commitP99Ms = 0, .queued = m_queue.size()};
        times = m_commitMs;
    }
    if (!times.empty()) {
        const auto rank = static_cast<std::ptrdiff_t>((times.size() - 1) * 99 / 100);
        std::nth_element(times.begin(), times.begin() + rank, times.end());
        figures.commitP99Ms = times[static_cast<size_t>(rank)];
    }
    return figures;
}

void Writer::loop()
{
    for (;;) {
        bool idle = false;
        {
            std::unique_lock lock(m_mutex);
            const auto awake = [this] { return m_stop || !m_queue.empty(); };
            if (m_trouble == Trouble::Disk) {
                m_wake.wait_until(lock, m_probeAt, awake);
            } else if (m_trouble == Trouble::None) {
                m_wake.wait_for(lock, std::chrono::milliseconds(m_options.lookMs), awake);
            } else {
                m_wake.wait(lock, awake);
            }
            if (m_stop && m_queue.empty()) {
                return;
            }
            idle = m_queue.empty();
        }
        if (idle && m_trouble == Trouble::None) {
            isSame();
            continue;
        }
        if (m_trouble == Trouble::Disk && SteadyClock::now() >= m_probeAt) {
            probe();
        } else if (m_trouble == Trouble::None) {
            writeGroup();
        } else {
            refuseQueued();
        }
    }
}

bool Writer::take(Item& item)
{
    const std::scoped_lock lock(m_mutex);
    if (m_queue.empty()) {
        return false;
    }
    item = std::move(m_queue.front());
    m_queue.pop_front();
    return true;
}

void Writer::writeGroup()
{
    const auto begin = SteadyClock::now();
    Group group;
    auto done = m_connection->exec(QStringLiteral("BEGIN IMMEDIATE"));
    if (done) {
        done = runGroup(group);
    } else {
        Item item;
        while (group.size() < kMaxGroup && take(item)) {
            group.push_back(std::move(item));
        }
    }
    if (done) {
        done = writeMark();
    }
    if (done && !isSame()) {
        done = fail(m_error);
    }
    if (done) {
        done = commit();
    }
    const Connection::Met met = m_connection->takeTrouble();
    if (!done) {
        undo();
        if (met.trouble >= Trouble::Disk) {
            setTrouble(met.trouble, met.error);
        }
        refuse(std::move(group), done.error());
        return;
    }
    const auto works =
        std::count_if(group.begin(), group.end(), [](const Item& item) { return item.result.has_value(); });
    count(SteadyClock::now() - begin, static_cast<size_t>(works));
    if (m_markFile) {
        {
            const std::scoped_lock lock(m_mutex);
            ++m_mark.commits;
        }
        m_markFile->write(m_mark);
    }
    if (m_options.afterCommit) {
        m_options.afterCommit();
    }
    for (Item& item : group) {
        item.work = {};
        Answer::send(std::move(item.answer), std::move(item.result));
    }
    moveLongLog();
}

Result<void> Writer::runGroup(Group& group)
{
    const auto until = SteadyClock::now() + kMaxGroupTime;
    Item item;
    while (group.size() < kMaxGroup && take(item)) {
        group.push_back(std::move(item));
        if (auto done = runOne(group.back()); !done) {
            return done;
        }
        if (SteadyClock::now() >= until) {
            break;
        }
    }
    return {};
}

Result<void> Writer::runOne(Item& item)
{
    if (auto begun = m_connection->exec(QStringLiteral("SAVEPOINT work")); !begun) {
        return begun;
    }
    item.result = m_connection->run(item.work);
    if (const Error* error = m_connection->spent()) {
        return fail(*error);  // whatever the work made of it
    }
    if (!item.result) {
        if (auto undone = m_connection->exec(QStringLiteral("ROLLBACK TO work")); !undone) {
            return fail(item.result.error());  // SQLite has undone the whole transaction
        }
    }
    return m_connection->exec(QStringLiteral("RELEASE work"));
}

Result<void> Writer::commit()
{
    return m_connection->exec(QStringLiteral("COMMIT"));
}

void Writer::undo()
{
    // Fails if SQLite has undone the transaction already, which is what is wanted.
    static_cast<void>(m_connection->exec(QStringLiteral("ROLLBACK")));
    static_cast<void>(m_connection->takeTrouble());
}

void Writer::refuse(Group group, const Error& error)
{
    for (Item& item : group) {
        item.work = {};
        // What failed by itself keeps its own reason.
        Result<void> result = item.result ? Result<void>{fail(error)} : std::move(item.result);
        Answer::send(std::move(item.answer), std::move(result));
    }
}

void Writer::refuseQueued()
{
    Group group;
    Item item;
    while (take(item)) {
        group.push_back(std::move(item));
    }
    refuse(std::move(group), m_error);
}

void Writer::probe()
{
    m_probeAt = SteadyClock::now() + std::chrono::milliseconds(m_options.probeMs);
    // The log may hold the room that the file needs; its pages are moved if that is possible.
    moveLog(QStringLiteral("TRUNCATE"));
    if (m_trouble == Trouble::Damaged) {
        return;
    }
    m_watch.remember(kLogLimitBytes);
    const QStringList statements{
        QStringLiteral("BEGIN IMMEDIATE"),
        QStringLiteral("INSERT OR REPLACE INTO %1 (id, body) VALUES (1, randomblob(%2))")
            .arg(probeTable())
            .arg(kProbeBytes),
        QStringLiteral("COMMIT"),
        QStringLiteral("BEGIN IMMEDIATE"),
        QStringLiteral("DELETE FROM %1").arg(probeTable()),
        QStringLiteral("COMMIT"),
    };
    for (const QString& statement : statements) {
        if (auto done = m_connection->exec(statement); !done) {
            const Connection::Met met = m_connection->takeTrouble();
            undo();
            if (met.trouble >= Trouble::Disk) {
                setTrouble(met.trouble, met.error);
            }
            return;
        }
    }
    setWritable();
}

void Writer::setDamaged(const Damage& damage)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_state.damage = damage;
    }
    setTrouble(Trouble::Damaged, damage.error);
}

void Writer::setTrouble(Trouble trouble, const Error& error)
{
    m_error = error;
    if (m_trouble == trouble) {
        return;
    }
    m_trouble = trouble;
    m_probeAt = SteadyClock::now() + std::chrono::milliseconds(m_options.probeMs);
    log::error("store", error.toLine());
    {
        const std::scoped_lock lock(m_mutex);
        m_state.writable = false;
        m_state.why = error.toLine();
        if (trouble == Trouble::Damaged && !m_state.damage) {
            m_state.damage = Damage{.path = m_options.file, .error = error};
        }
    }
    m_changed();
}

void Writer::setWritable()
{
    m_trouble = Trouble::None;
    log::info("store", QStringLiteral("%1 can be written again").arg(m_options.file));
    {
        const std::scoped_lock lock(m_mutex);
        m_state = {};
    }
    m_changed();
}

void Writer::count(SteadyClock::duration took, size_t works)
{
    const double ms = std::chrono::duration<double, std::milli>(took).count();
    const std::scoped_lock lock(m_mutex);
    if (m_commitMs.size() < kRemembered) {
        m_commitMs.push_back(ms);
    } else {
        m_commitMs[m_commits % kRemembered] = ms;
    }
    ++m_commits;
    m_writes += works;
}

}  // namespace sluice::store
