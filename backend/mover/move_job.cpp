#include "mover/move_job.h"

#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <algorithm>
#include <condition_variable>
#include <thread>

#include "model/object_name.h"
#include "mover/file_destination.h"
#include "mover/file_source.h"
#include "mover/hang_watch.h"
#include "mover/host_ask.h"
#include "mover/one_object.h"
#include "mover/pipeline.h"
#include "mover/rados_cluster.h"
#include "mover/rados_destination.h"
#include "mover/rados_judge.h"
#include "mover/rados_source.h"
#include "mover/s3_destination.h"
#include "mover/s3_source.h"
#include "mover/verify_run.h"

namespace sluice::mover {
namespace {

using model::Location;

constexpr std::chrono::milliseconds kReportEvery{250};
/// After a failure, for what is verified but not yet committed.
constexpr std::chrono::milliseconds kLastCommits{1000};
constexpr qint64 kLeastCountMs = 100;

class Job {
public:
    Job(const MoveRequest& request, MoveHost& host) : m_request(request), m_host(host) {}

    void start()
    {
        m_thread = std::thread([this] {
            if (const auto worked = work(); !worked) {
                m_stop.raise(worked.error());
            }
            const std::lock_guard lock(m_mutex);
            m_finished = true;
            m_changed.notify_all();
        });
    }

    /// @return whether it finished
    bool wait(std::chrono::milliseconds time)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, time, [this] { return m_finished; });
    }

    void join() { m_thread.join(); }
    Progress& progress() { return m_progress; }
    StopFlag& stop() { return m_stop; }

    Blockage judge(const Progress::Waiting& waiting) const
    {
        const auto access = m_request.clusters.constFind(waiting.place.connection);
        if (access != m_request.clusters.constEnd()) {
            return judgeHang(waiting, *access);
        }
        return Blockage{
            .what = Obstacle::Timeout,
            .connection = waiting.place.connection,
            .error = Error{.code = ErrorCode::Unavailable,
                           .message = QStringLiteral("'%1' gives no answer").arg(waiting.place.object),
                           .cause = QStringLiteral("it takes longer than it should"),
                           .correction = QStringLiteral("Look at the gateway or the disk behind it"),
                           .retryable = true,
                           .source = QStringLiteral("mover")}};
    }

private:
    Result<void> work()
    {
        m_host.phase(QStringLiteral("connecting"));
        ObjectContext context(m_move, QString());
        if (auto connected = connectAll(context); !connected) {
            return connected;
        }
        if (const auto apart = checkFolders(); !apart) {
            return apart;
        }
        auto destination = openDestination(context);
        if (!destination) {
            return fail(destination.error());
        }
        if (m_request.mode == MoveRequest::Mode::Verify) {
            m_host.phase(QStringLiteral("verifying"));
            const auto there = makeSource(m_request.to, false, context);
            if (!there) {
                return fail(there.error());
            }
            VerifyRun(m_request, **destination, m_host, m_move, there->get()).run();
            return {};
        }
        const auto source = openSource(context);
        if (!source) {
            return fail(source.error());
        }
        Pipeline(m_request, {.source = **source, .destination = **destination}, m_host, m_move).run();
        return m_claims.settle(context);
    }

    Result<void> connectAll(ObjectContext& context)
    {
        QList<Location> locations{m_request.to};
        if (m_request.mode == MoveRequest::Mode::Copy) {
            locations.append(m_request.from);
        }
        for (const Location& location : locations) {
            if (location.type != Location::Type::Rados || m_clusters.contains(location.connection)) {
                continue;
            }
            auto cluster = RadosCluster::connect(
                m_request.clusters[location.connection],
                [this](const RadosCluster::Instance& instance) { return announce(instance); }, context);
            if (!cluster) {
                return fail(cluster.error());
            }
            m_clusters.emplace(location.connection, std::move(*cluster));
        }
        return {};
    }

    /// Durable before the first write, so that a later attempt can fence this one.
    Result<void> announce(const RadosCluster::Instance& instance)
    {
        ObjectContext context(m_move, QString());
        const QJsonObject client{{"connection", instance.connection},
                                 {"address", instance.address},
                                 {"instanceId", static_cast<qint64>(instance.id)}};
        return askHost(m_host, QStringLiteral("client"), client, context).map([&](const QJsonObject&) {
            m_host.log(QStringLiteral("info"),
                       QStringLiteral("connected to %1 as %2").arg(instance.connection, instance.address));
        });
    }

    /// Links can make one folder lie in another although their paths do not say so.
    Result<void> checkFolders() const
    {
        const QString& from = m_request.from.path;
        const QString& to = m_request.to.path;
        if (m_request.mode != MoveRequest::Mode::Copy || m_request.from.type != Location::Type::File ||
            m_request.to.type != Location::Type::File || !QFileInfo(from).isDir()) {
            return {};
        }
        const bool inside = liesBelow(to, from);
        if (!inside && !liesBelow(from, to)) {
            return {};
        }
        return fail(Error{
            .code = ErrorCode::InvalidArgument,
            .message = QStringLiteral("'%1' cannot be copied to '%2'").arg(from, to),
            .cause =
                inside
                    ? QStringLiteral("by a link, the destination lies inside the source: copies would be "
                                     "copied again")
                    : QStringLiteral("by a link, the source lies inside the destination: copies could fall "
                                     "on what is copied"),
            .correction = QStringLiteral("Choose two folders of which none lies in the other"),
            .source = QStringLiteral("mover")});
    }

    bool direct() const
    {
        return m_request.mode == MoveRequest::Mode::Copy && m_request.from.type == Location::Type::Rados &&
               m_request.to.type == Location::Type::Rados &&
               m_request.from.connection == m_request.to.connection;
    }

    Result<std::unique_ptr<DestinationEnd>> openDestination(ObjectContext& context)
    {
        const Location& to = m_request.to;
        if (to.type == Location::Type::Rados) {
            auto place = m_clusters.at(to.connection)->place(to.cephPool, to.prefix, context);
            if (!place) {
                return fail(place.error());
            }
            place->maxObjectBytes = m_clusters.at(to.connection)->largestObject();
            return std::make_unique<RadosDestination>(std::move(*place), m_request.mark(), direct(),
                                                      m_claims);
        }
        if (to.type == Location::Type::S3) {
            const auto learned = [this, gateway = to.connection](s3::EtagStyle style) {
                m_host.event(QStringLiteral("gateway"),
                             {{"connection", gateway}, {"etagMatch", s3::toString(style)}});
            };
            return std::make_unique<S3Destination>(
                std::make_shared<S3Place>(m_request.gateways[to.connection], to, learned), m_claims);
        }
        QString task = m_request.run + '.' + m_request.task;
        task.replace('/', '_');
        auto files = FileDestination::open(to.path, task, context);
        if (!files) {
            return fail(files.error());
        }
        return std::move(*files);
    }

    /// The folder, or the one object of that name.
    Result<std::unique_ptr<SourceEnd>> openSource(ObjectContext& context)
    {
        const Location& from = m_request.from;
        auto folder = makeSource(from, true, context);
        if (!folder || !from.mayBeObject) {
            return folder;
        }
        const Location::ObjectPlace place = from.asObject();
        auto parent = makeSource(place.folder, true, context);
        if (!parent) {
            return parent;
        }
        const auto one = (*parent)->find(place.name, context);
        if (!one) {
            return fail(one.error());
        }
        if (!*one) {
            return folder;
        }
        if (from.type != Location::Type::File) {
            const auto both = (*folder)->holdsAnything(context);
            if (!both || *both) {
                return fail(both ? bothObjectAndFolder(from) : both.error());
            }
        }
        return std::make_unique<OneObject>(std::move(*parent), **one);
    }

    static Error bothObjectAndFolder(const Location& from)
    {
        return Error{
            .code = ErrorCode::FailedPrecondition,
            .message = QStringLiteral("%1 is both an object and a folder").arg(from.toText()),
            .cause = QStringLiteral("there is an object of that name, and there are others below it"),
            .correction =
                QStringLiteral("Write %1/ for what is below it; move the object itself by hand, or rename "
                               "it")
                    .arg(from.toText()),
            .source = QStringLiteral("mover")};
    }

    /// @param copies whether it is read for a copy; else it is only listed, and tells what is not compared
    Result<std::unique_ptr<SourceEnd>> makeSource(const Location& from, bool copies, ObjectContext& context)
    {
        if (from.type == Location::Type::Rados) {
            auto place = m_clusters.at(from.connection)->place(from.cephPool, from.prefix, context);
            if (!place) {
                return fail(place.error());
            }
            using Fetch = RadosSourceObject::Fetch;
            return std::make_unique<RadosSource>(
                std::move(*place),
                RadosSource::Options{.fetch = !copies    ? Fetch::Nothing
                                              : direct() ? Fetch::Checksum
                                                         : Fetch::Bytes,
                                     .carriesAttributes = m_request.to.type == Location::Type::Rados,
                                     .tells = copies});
        }
        if (from.type == Location::Type::S3) {
            // a count is over before the run could look stalled
            const CountLimits limits{
                .ms = std::clamp<qint64>(m_request.stallAfterMs / 2, kLeastCountMs, CountLimits().ms)};
            return std::make_unique<S3Source>(
                std::make_shared<S3Place>(m_request.gateways[from.connection], from), copies, limits);
        }
        return std::make_unique<FileSource>(
            from.path, [this](const QString& text) { m_host.log(QStringLiteral("warning"), text); });
    }

    const MoveRequest m_request;
    MoveHost& m_host;
    SystemClock m_clock{};
    Progress m_progress{m_clock};
    StopFlag m_stop{};
    MoveContext m_move{
        .progress = m_progress, .stop = m_stop, .clock = m_clock, .lockWaitMs = m_request.lockWaitMs};
    std::map<QString, std::shared_ptr<RadosCluster>> m_clusters{};
    ClaimBook m_claims{m_host};
    std::mutex m_mutex{};
    std::condition_variable m_changed{};
    bool m_finished{false};
    std::thread m_thread{};
};

}  // namespace

bool runJob(const MoveRequest& request, MoveHost& host)
{
    auto job = std::make_unique<Job>(request, host);
    auto watch = std::make_unique<HangWatch>(
        job->progress(), [&job](const Progress::Waiting& waiting) { return job->judge(waiting); });
    job->start();
    while (!job->wait(kReportEvery) && !job->stop().raised()) {
        job->progress().report(host);
    }
    const bool ended = job->wait(job->stop().raised() ? kLastCommits : std::chrono::milliseconds(0));
    job->progress().report(host);
    if (const auto failure = job->stop().failure()) {
        QJsonObject params{{"error", failure->error.toJson()}};
        if (!failure->object.isEmpty()) {
            params["object"] = model::nameOnWire(failure->object);
        }
        QJsonArray unfinished;
        for (const QString& object : job->stop().unfinished()) {
            unfinished.append(model::nameOnWire(object));
        }
        params["unfinished"] = unfinished;
        params["leftOut"] = job->progress().leftOut();
        host.event(QStringLiteral("failed"), params);
        if (!ended) {
            static_cast<void>(watch.release());
            static_cast<void>(job.release());
            return false;
        }
        job->join();
        return false;
    }
    job->join();
    const Progress::Totals totals = job->progress().totals();
    host.event(QStringLiteral("done"), {{"objects", totals.objects},
                                        {"bytes", totals.bytes},
                                        {"kept", totals.kept},
                                        {"replaced", totals.replaced},
                                        {"leftOut", job->progress().leftOut()}});
    return true;
}

}  // namespace sluice::mover
