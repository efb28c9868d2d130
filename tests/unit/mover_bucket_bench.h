#pragma once

#include <QtCore/QMutex>
#include <QtCore/QThread>
#include <atomic>

#include "mover/s3_source.h"
#include "mover_fakes.h"
#include "s3_fake_gateway.h"

/// A bucket as a source, of which a fake gateway tells.
namespace bucket {

using namespace sluice;
using namespace sluice::mover;

inline constexpr char kOpen[] = "<?xml version=\"1.0\"?><ListBucketResult>";

inline QByteArray content(const QByteArray& key, int size)
{
    return "<Contents><Key>" + key + "</Key><Size>" + QByteArray::number(size) + "</Size><ETag>&quot;" +
           QByteArray(32, 'a') +
           "&quot;</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>";
}

inline QByteArray listOf(const QByteArray& inner)
{
    return FakeGateway::answer(200, kOpen + inner + "</ListBucketResult>");
}

inline QByteArray versions(const QByteArray& inner)
{
    return FakeGateway::answer(200, "<ListVersionsResult>" + inner + "</ListVersionsResult>");
}

/// The answer of a bucket that keeps versions, or never did.
inline QByteArray kept(const QByteArray& status)
{
    return FakeGateway::answer(200,
                               "<VersioningConfiguration>" +
                                   (status.isEmpty() ? QByteArray() : "<Status>" + status + "</Status>") +
                                   "</VersioningConfiguration>");
}

class SetClock final : public Clock {
public:
    qint64 nowMs() const override { return passedMs; }
    qint64 monotonicMs() const override { return passedMs; }
    std::atomic<qint64> passedMs{0};
};

/// Answers in order; the last one for ever.
struct Bench {
    explicit Bench(QList<QByteArray> answers, const QString& place = "s3://rgw/catalog/day/",
                   bool tells = true, CountLimits limits = {.ms = 60'000})
        : gateway([this, answers = std::move(answers)](const FakeGateway::Request& request) {
              const QMutexLocker lock(&mutex);
              targets.append(request.target);
              clock.passedMs += answerMs;
              waiting += around.progress.waitingLongerThan(0).size();
              return answers[std::min(targets.size(), answers.size()) - 1];
          }),
          source(std::make_shared<S3Place>(GatewayAccess{.connection = "rgw",
                                                         .endpoint = gateway.endpoint(),
                                                         .region = "default",
                                                         .accessKey = "AK",
                                                         .secretKey = "secret"},
                                           *model::Location::parse(place)),
                 tells, limits)
    {
    }

    Result<void> list()
    {
        return source.list(
            [this](const QList<ListedObject>& objects) {
                for (const ListedObject& object : objects) {
                    (object.bad ? bad : names).append(object.name);
                }
                return true;
            },
            context);
    }

    /// Lists until it waits, then stops it. @return the first `blocked`
    QJsonObject blocked()
    {
        std::atomic<bool> ended{false};
        std::thread thread([&] {
            static_cast<void>(list());
            ended = true;
        });
        while (around.host.events("blocked").isEmpty() && !ended) {
            QThread::msleep(5);
            clock.passedMs += 50;
            around.progress.report(around.host);
        }
        around.stop.raise(Error{.code = ErrorCode::Cancelled, .message = "enough"});
        thread.join();
        return around.host.events("blocked").value(0);
    }

    QMutex mutex{};
    QList<QByteArray> targets{};
    /// How long the move's clock says an answer takes.
    qint64 answerMs{0};
    /// Operations that could be seen to wait, over all requests.
    size_t waiting{0};
    SetClock clock{};
    fake::Surroundings around{clock};
    FakeGateway gateway;
    S3Source source;
    ObjectContext context{around.move, {}};
    QStringList names{};
    QStringList bad{};
};

}  // namespace bucket
