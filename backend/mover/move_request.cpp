#include "mover/move_request.h"

#include <QtCore/QJsonArray>
#include <QtCore/QStringList>

namespace sluice::mover {
namespace {

using model::Location;

tl::unexpected<Error> refuse(const QString& what, const QString& correction)
{
    return fail(Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("The order of this move cannot be carried out"),
                      .cause = what,
                      .correction = correction,
                      .source = QStringLiteral("mover")});
}

/// Text as it is; a number as the id of a run.
QString runText(const QJsonValue& value)
{
    return value.isDouble() ? QStringLiteral("R-%1").arg(value.toInteger()) : value.toString();
}

Result<void> checkAccess(const MoveRequest& request, const Location& location)
{
    if (location.type == Location::Type::Rados && !request.clusters.contains(location.connection)) {
        return refuse(
            QStringLiteral("no access to the cluster '%1' was given").arg(location.connection),
            QStringLiteral("Name the connection in the configuration, with a role that may use it"));
    }
    if (location.type == Location::Type::S3 && !request.gateways.contains(location.connection)) {
        return refuse(QStringLiteral("no access to the gateway '%1' was given").arg(location.connection),
                      QStringLiteral("Name the connection in the configuration, with its key"));
    }
    if (location.type == Location::Type::File && !location.path.startsWith('/')) {
        return refuse(QStringLiteral("'%1' is no absolute path").arg(location.path),
                      QStringLiteral("Give the folder as file:/absolute/path"));
    }
    return {};
}

/// Words that this version does not know are never read as others.
Result<void> checkWords(const QJsonObject& params)
{
    const QString mode = params["mode"].toString();
    const QString sameVersion = QStringLiteral("Start the engine and its workers from the same version");
    if (mode != QLatin1String("copy") && mode != QLatin1String("verify")) {
        return refuse(QStringLiteral("the mode '%1' is not known").arg(mode), sameVersion);
    }
    for (const QString& end : {QStringLiteral("from"), QStringLiteral("to")}) {
        if (params.contains(end) && !Location::knows(params[end].toObject())) {
            return refuse(QStringLiteral("the type of '%1' is not known: '%2'")
                              .arg(end, params[end]["type"].toString()),
                          sameVersion);
        }
    }
    return {};
}

}  // namespace

Result<MoveRequest> MoveRequest::fromJson(const QJsonObject& params)
{
    MoveRequest request{
        .mode = params["mode"].toString() == QLatin1String("verify") ? Mode::Verify : Mode::Copy,
        .run = runText(params["run"]),
        .task = params["task"].toString(),
        .attempt = params["attempt"].toInteger(),
        .fence = params["fence"].toInteger(),
        .from = Location::fromJson(params["from"].toObject()),
        .to = Location::fromJson(params["to"].toObject()),
        .inFlight = qBound(1, params["inFlight"].toInt(16), 256),
        .replaceAll = params["onExisting"].toString() == QLatin1String("replace"),
        .resume = params["resume"].toBool(),
        .allowEmpty = params["allowEmpty"].toBool(),
        .othersAllowed = params["othersAllowed"].toBool(),
        .addedSinceMs = params["addedSinceMs"].toInteger(),
        .lockWaitMs = params["lockWaitMs"].toInteger(),
        .stallAfterMs = params["stallAfterMs"].toInteger(30'000)};
    if (request.task.startsWith(request.run + '/')) {
        request.task = request.task.mid(request.run.size() + 1);
    }
    const QJsonObject clusters = params["clusters"].toObject();
    for (auto at = clusters.begin(); at != clusters.end(); ++at) {
        const QJsonObject access = at.value().toObject();
        request.clusters.insert(at.key(), ClusterAccess{.connection = at.key(),
                                                        .conf = access["conf"].toString(),
                                                        .entity = access["entity"].toString(),
                                                        .key = access["key"].toString()});
    }
    const QJsonObject gateways = params["gateways"].toObject();
    for (auto at = gateways.begin(); at != gateways.end(); ++at) {
        const QJsonObject access = at.value().toObject();
        request.gateways.insert(at.key(),
                                GatewayAccess{.connection = at.key(),
                                              .endpoint = access["endpoint"].toString(),
                                              .region = access["region"].toString(QStringLiteral("default")),
                                              .accessKey = access["accessKey"].toString(),
                                              .secretKey = access["secretKey"].toString(),
                                              .etagMatch = access["etagMatch"].toString()});
    }
    for (const QJsonValue& name : params["replace"].toArray()) {
        request.replace.insert(name.toString());
    }
    if (request.run.isEmpty() || request.task.isEmpty()) {
        return refuse(QStringLiteral("the run or the task is not named"),
                      QStringLiteral("Give both run and task"));
    }
    if (auto known = checkWords(params); !known) {
        return fail(known.error());
    }
    if (auto checked = checkAccess(request, request.to); !checked) {
        return fail(checked.error());
    }
    if (request.mode == Mode::Verify) {
        return request;
    }
    if (auto checked = checkAccess(request, request.from); !checked) {
        return fail(checked.error());
    }
    // Copies would be listed as sources again.
    if (liesWithin(request.to, request.from)) {
        return refuse(QStringLiteral("the destination lies inside the source"),
                      QStringLiteral("Choose a destination that is not listed with the source"));
    }
    return request;
}

QString MoveRequest::mark() const
{
    return QStringLiteral("%1/%2/%3/%4").arg(run, task).arg(attempt).arg(fence);
}

bool MoveRequest::ownsMark(const QString& mark) const
{
    const QString start = run + '/' + task + '/';
    const QStringList numbers = mark.mid(start.size()).split('/');
    return mark.startsWith(start) && numbers.size() == 2 && numbers[1].toLongLong() <= fence;
}

}  // namespace sluice::mover
