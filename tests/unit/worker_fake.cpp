// A worker for tests: does what it is asked, the bad things too.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QtCore/QFile>
#include <QtCore/QJsonArray>
#include <chrono>
#include <thread>

#include "worker/child_channel.h"

using namespace sluice;
using namespace std::chrono_literals;

namespace {

QJsonArray openDescriptors()
{
    QJsonArray open;
    for (int fd = 0; fd < 256; ++fd) {
        if (fcntl(fd, F_GETFD) != -1) {
            open.append(fd);
        }
    }
    return open;
}

}  // namespace

int main(int argc, char** argv)
{
    const QJsonArray descriptors = openDescriptors();
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, nullptr, &blocked);
    if (argc > 1 && strcmp(argv[1], "leaves") == 0) {
        return 7;
    }
    worker::ChildChannel channel({.beatEvery = 100ms});
    QJsonObject started;
    channel.onCall(QStringLiteral("start"), [&](const QJsonObject& p) -> Result<QJsonObject> {
        if (p.contains("refuse")) {
            return fail(
                Error{.code = ErrorCode::InvalidArgument, .message = QStringLiteral("not with these")});
        }
        started = p;
        // as a mover that is told or finds out how a gateway matches ETags
        const QJsonObject gateways = p["gateways"].toObject();
        for (auto at = gateways.begin(); at != gateways.end(); ++at) {
            const QString told = at.value().toObject()["etagMatch"].toString();
            channel.event(QStringLiteral("log"),
                          {{"level", "info"}, {"text", QStringLiteral("told: ") + told}});
            channel.event(QStringLiteral("gateway"), {{"connection", at.key()}, {"etagMatch", "plain"}});
        }
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("echo"), [](const QJsonObject& p) -> Result<QJsonObject> { return p; });
    channel.onCall(QStringLiteral("about"), [&](const QJsonObject&) -> Result<QJsonObject> {
        QFile environment(QStringLiteral("/proc/self/environ"));
        const bool opened = environment.open(QIODevice::ReadOnly);
        return QJsonObject{
            {"descriptors", descriptors},
            {"started", started},
            {"blocksTerm", sigismember(&blocked, SIGTERM) == 1},
            {"environment",
             opened ? QString::fromUtf8(environment.readAll().replace('\0', '\n')) : QString()}};
    });
    channel.onCall(QStringLiteral("tell"), [&](const QJsonObject& p) -> Result<QJsonObject> {
        channel.event(p["event"].toString(), p["params"].toObject());
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("sleep"), [](const QJsonObject& p) -> Result<QJsonObject> {
        std::this_thread::sleep_for(std::chrono::milliseconds(p["ms"].toInt()));
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("abort"), [](const QJsonObject&) -> Result<QJsonObject> { abort(); });
    channel.onCall(QStringLiteral("exit"),
                   [](const QJsonObject& p) -> Result<QJsonObject> { _exit(p["code"].toInt()); });
    channel.onCall(QStringLiteral("freeze"), [](const QJsonObject&) -> Result<QJsonObject> {
        raise(SIGSTOP);
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("garbage"), [](const QJsonObject&) -> Result<QJsonObject> {
        [[maybe_unused]] const ssize_t n = send(3, "\x02\x00\x00\x00\xff\xff", 6, 0);
        std::this_thread::sleep_for(60s);
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("log"), [](const QJsonObject& p) -> Result<QJsonObject> {
        fprintf(stderr, "%s\nsecond line\nrest", qPrintable(p["text"].toString()));
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("finish"), [&](const QJsonObject&) -> Result<QJsonObject> {
        for (int i = 0; i < 100; ++i) {
            channel.event(QStringLiteral("progress"), {{"n", i}, {"pad", QString(20000, QLatin1Char('x'))}});
        }
        channel.event(QStringLiteral("done"), {});
        channel.quit(1);
        return QJsonObject();
    });
    channel.onCall(QStringLiteral("asks"), [&](const QJsonObject& p) -> Result<QJsonObject> {
        return channel.ask(QStringLiteral("commit"), p, 5s);
    });
    channel.onCast(QStringLiteral("shout"),
                   [&](const QJsonObject& p) { channel.event(QStringLiteral("echo"), p); });
    _exit(channel.run());
}
