#include "ceph/mon_prober.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <rados/librados.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QJsonDocument>
#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "ceph/rados_session.h"

namespace sluice::ceph {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Both protocols begin with "ceph v": "ceph v2\n" and "ceph v027".
constexpr char kBanner[] = "ceph v";
constexpr qsizetype kBannerBytes = 8;

/// One connection attempt to one address.
struct Attempt {
    enum class State { Connecting, Reading, Answered, Failed };

    Attempt(QString monitor, MonAddress where) : mon(std::move(monitor)), address(std::move(where))
    {
        open();
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() { close(); }

    void open()
    {
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        const int problem = ::getaddrinfo(address.host.toUtf8().constData(),
                                          QByteArray::number(address.port).constData(), &hints, &found);
        if (problem != 0 || found == nullptr) {
            failed(QStringLiteral("%1: %2").arg(address.host, QString::fromLocal8Bit(gai_strerror(problem))));
            return;
        }
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
        fd = ::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0 || (::connect(fd, list->ai_addr, list->ai_addrlen) != 0 && errno != EINPROGRESS)) {
            failedErrno(errno);
        }
    }

    void close()
    {
        if (fd >= 0) {
            ::close(fd);
            fd = -1;
        }
    }

    void failed(const QString& why)
    {
        state = State::Failed;
        error = why;
        close();
    }

    void failedErrno(int number)
    {
        refused = number == ECONNREFUSED;
        timedOut = number == ETIMEDOUT;
        failed(QString::fromLocal8Bit(strerror(number)));
    }

    void advance()
    {
        if (state == State::Connecting) {
            int problem = 0;
            socklen_t size = sizeof problem;
            ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
            if (problem != 0) {
                failedErrno(problem);
                return;
            }
            state = State::Reading;
        }
        char bytes[kBannerBytes];
        const ssize_t n = ::recv(fd, bytes, size_t(kBannerBytes - banner.size()), 0);
        if (n == 0) {
            failed(QStringLiteral("the connection was closed"));
        } else if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            failedErrno(errno);
        } else if (n > 0) {
            banner.append(bytes, n);
            if (banner.size() == kBannerBytes) {
                readBanner();
            }
        }
    }

    void readBanner()
    {
        if (!banner.startsWith(kBanner)) {
            failed(QStringLiteral("what listens there is no monitor"));
            return;
        }
        address.protocol = banner == "ceph v2\n" ? QStringLiteral("v2") : QStringLiteral("v1");
        state = State::Answered;
        tookMs = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begun).count();
        close();
    }

    bool isOpen() const { return state == State::Connecting || state == State::Reading; }

    QString mon;
    MonAddress address;
    State state{State::Connecting};
    int fd{-1};
    SteadyClock::time_point begun{SteadyClock::now()};
    QByteArray banner{};
    QString error{};
    bool refused{false};
    bool timedOut{false};
    qint64 tookMs{0};
};

MonAnswer summary(const QString& mon, const std::vector<std::unique_ptr<Attempt>>& attempts)
{
    MonAnswer answer;
    bool all = true;
    bool any = false;
    for (const auto& attempt : attempts) {
        if (attempt->mon != mon) {
            continue;
        }
        any = true;
        if (attempt->state == Attempt::State::Answered) {
            return {.answers = true, .probeMs = attempt->tookMs, .address = attempt->address.toText()};
        }
        all = all && attempt->refused;
        if (answer.error.isEmpty() || (attempt->refused && !all)) {
            answer.timedOut = attempt->isOpen() || attempt->timedOut;
            answer.error = attempt->isOpen() ? QStringLiteral("no answer in time") : attempt->error;
        }
    }
    answer.refused = any && all;
    return answer;
}

}  // namespace

QHash<QString, MonAnswer> probeMonitors(const Monmap& monmap, std::chrono::milliseconds limit)
{
    std::vector<std::unique_ptr<Attempt>> attempts;
    for (const MonEntry& mon : monmap) {
        for (const MonAddress& address : mon.addresses) {
            attempts.push_back(std::make_unique<Attempt>(mon.name, address));
        }
    }
    const auto end = SteadyClock::now() + limit;
    for (;;) {
        std::vector<pollfd> entries;
        std::vector<Attempt*> waiting;
        for (const auto& attempt : attempts) {
            if (attempt->isOpen()) {
                const short events = attempt->state == Attempt::State::Connecting ? POLLOUT : POLLIN;
                entries.push_back({.fd = attempt->fd, .events = events, .revents = 0});
                waiting.push_back(attempt.get());
            }
        }
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now()).count();
        if (entries.empty() || rest <= 0 || ::poll(entries.data(), entries.size(), int(rest)) < 0) {
            break;
        }
        for (size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].revents != 0) {
                waiting[i]->advance();
            }
        }
    }
    QHash<QString, MonAnswer> answers;
    for (const MonEntry& mon : monmap) {
        answers.insert(mon.name, summary(mon.name, attempts));
    }
    return answers;
}

Result<QJsonObject> pingMonitor(const MonAddress& v1Address)
{
    const RadosCall call{.what = QStringLiteral("ping the monitor at %1").arg(v1Address.toText()),
                         .toMonitors = true};
    rados_t handle = nullptr;
    int rc = rados_create2(&handle, "ceph", "client.sluice", 0);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    const std::unique_ptr<void, decltype(&rados_shutdown)> owner(handle, &rados_shutdown);
    setQuietAndBounded(handle);
    MonAddress address = v1Address;
    address.protocol = QStringLiteral("v1");
    rados_conf_set(handle, "mon_host", qUtf8Printable(address.toText()));
    if (address.host.contains(':')) {
        rados_conf_set(handle, "ms_bind_ipv4", "false");
        rados_conf_set(handle, "ms_bind_ipv6", "true");
    }
    char* text = nullptr;
    size_t size = 0;
    // The only monitor this handle knows is called "a", whatever its own name is.
    rc = rados_ping_monitor(handle, "a", &text, &size);
    QByteArray bytes(text, qsizetype(size));
    rados_buffer_free(text);
    if (rc < 0) {
        return fail(radosError(rc, call));
    }
    while (bytes.endsWith('\0')) {
        bytes.chop(1);
    }
    const QJsonObject answer = QJsonDocument::fromJson(bytes).object();
    if (answer["mon_status"].toObject().isEmpty()) {
        return fail(radosError(-EINVAL, call, QStringLiteral("its answer has no mon_status")));
    }
    return answer;
}

void pingMonitors(const Monmap& which, QHash<QString, MonAnswer>& answers)
{
    struct Ping {
        QString mon{};
        MonAddress address{};
        Result<QJsonObject> answer{};
    };
    std::vector<Ping> pings;
    for (const MonEntry& mon : which) {
        if (!answers.value(mon.name).answers) {
            continue;
        }
        const auto address =
            std::find_if(mon.addresses.begin(), mon.addresses.end(),
                         [](const MonAddress& a) { return a.protocol != QLatin1String("v2"); });
        if (address != mon.addresses.end()) {
            pings.push_back({.mon = mon.name, .address = *address});
        } else {
            answers[mon.name].error =
                QStringLiteral("its state is not known: it has no v1 address to be pinged at");
        }
    }
    std::vector<std::thread> threads;
    for (Ping& ping : pings) {
        threads.emplace_back([&ping] { ping.answer = pingMonitor(ping.address); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Ping& ping : pings) {
        if (ping.answer) {
            answers[ping.mon].monStatus = (*ping.answer)["mon_status"].toObject();
        } else {
            answers[ping.mon].error = ping.answer.error().message;
        }
    }
}

}  // namespace sluice::ceph
