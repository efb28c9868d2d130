#include "engine/key_state.h"

#include <QtCore/QJsonArray>

#include "actions/action.h"
#include "core/clock.h"
#include "keys/rotation.h"

namespace sluice::engine {
namespace {

// 1: a rotation kept its own progress. 2: the runner of actions keeps it.
constexpr int kOwnProgress = 1;
constexpr int kFormat = 2;

QString entityOf(const keys::RoleKeys& keys, int number)
{
    const keys::Generation* one = keys.generation(number);
    return one ? one->entity : QString();
}

QJsonArray rowSteps(const QList<keys::RotationStep>& steps, const QJsonArray& saved)
{
    QJsonArray rows;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const QJsonValue was = saved.at(i);
        rows.append(QJsonObject{{"id", steps[i].id},
                                {"title", steps[i].title},
                                {"state", was["state"]},
                                {"detail", was["detail"]},
                                {"checkedBy", steps[i].checkedBy},
                                {"at", toRfc3339(was["atMs"].toInteger())}});
    }
    return rows;
}

LeftRotation leftOf(const QJsonObject& body, const keys::RoleKeys& keys,
                    const QList<keys::RotationStep>& steps)
{
    // What these observed was recorded as verified.
    static const QStringList observing{QStringLiteral("create"), QStringLiteral("first-use"),
                                       QStringLiteral("silent"), QStringLiteral("prove")};
    const QString from = entityOf(keys, body["from"].toInt());
    LeftRotation left{.asker = body["asker"].toObject()};
    const bool asked = !left.asker["principal"].toString().isEmpty();
    left.method = from.isEmpty() ? asked ? QStringLiteral("keys.renew") : QStringLiteral("keys.first")
                                 : QStringLiteral("keys.rotate");
    QJsonArray shown;
    for (const keys::RotationStep& step : steps) {
        shown.append(QJsonObject{{"id", step.id}, {"title", step.title}, {"checkedBy", step.checkedBy}});
    }
    left.plan = {{"role", keys.spec.role},
                 {"connection", keys.spec.connection},
                 {"from", from},
                 {"rotatesFrom", from},
                 {"to", entityOf(keys, body["to"].toInt())},
                 {"overlapMs", keys.spec.overlapMs},
                 {"steps", shown}};
    for (qsizetype i = 0; i < qMin<qsizetype>(body["at"].toInt(), steps.size()); ++i) {
        left.outcomes.append(
            toString(observing.contains(steps[i].id) ? actions::Outcome::Verified : actions::Outcome::Done));
    }
    if (const qint64 ends = body["overlapEndsMs"].toInteger(); ends > 0) {
        left.times["overlap"] = ends;
    }
    return left;
}

}  // namespace

QJsonObject KeyState::toJson() const
{
    return {{"format", kFormat},
            {"role", keys.toJson()},
            {"requestId", requestId},
            {"work", work},
            {"rotation", rotation}};
}

Result<StoredKeys> storedKeys(const QJsonObject& body, const keys::RoleSpec& spec)
{
    const auto bad = [&spec](const QString& what) {
        return fail(Error{
            .code = ErrorCode::InvalidArgument,
            .message = QStringLiteral("The saved keys of role %1 cannot be read").arg(spec.role),
            .cause = what,
            .correction = QStringLiteral("All its keys stay valid. See which are used, then rotate again."),
            .source = spec.connection});
    };
    StoredKeys stored{.state = {.keys = {.spec = spec}}};
    keys::RoleKeys& keys = stored.state.keys;
    const int format = body["format"].toInt();
    if (format != kOwnProgress && format != kFormat) {
        return bad(QStringLiteral("they were written by another version"));
    }
    if (!keys.restore(body["role"].toObject())) {
        return bad(QStringLiteral("one of its generations is in a state that this version does not know"));
    }
    if (format == kFormat) {
        stored.state.requestId = body["requestId"].toString();
        stored.state.work = body["work"].toObject();
        stored.state.rotation = body["rotation"].toObject();
        return stored;
    }
    const int from = body["from"].toInt();
    const int to = body["to"].toInt();
    const QString state = body["state"].toString();
    if (!keys.generation(to) || (from > 0 && !keys.generation(from)) || from == to) {
        return bad(QStringLiteral("its generations are missing"));
    }
    const QList<keys::RotationStep> steps =
        keys::rotationSteps(entityOf(keys, from), entityOf(keys, to), spec.overlapMs);
    const QJsonArray saved = body["steps"].toArray();
    const int at = body["at"].toInt(-1);
    bool known = saved.size() == steps.size() && at >= 0 && at <= steps.size();
    for (qsizetype i = 0; known && i < steps.size(); ++i) {
        known = saved[i]["id"].toString() == steps[i].id;
    }
    if (!known) {
        return bad(QStringLiteral("its steps are not those of this version"));
    }
    stored.state.requestId = body["asker"]["requestId"].toString();
    stored.state.work = {{"cutOff", body["cutOff"]}};
    stored.state.rotation = {{"id", body["id"]},
                             {"state", state},
                             {"from", from},
                             {"to", to},
                             {"startedAt", toRfc3339(body["startedAtMs"].toInteger())},
                             {"steps", rowSteps(steps, saved)}};
    if (state == QLatin1String("running")) {
        stored.left = leftOf(body, keys, steps);
    }
    return stored;
}

}  // namespace sluice::engine
