#include "systems/transfer/verify_kind.h"

#include "systems/transfer/move_kind.h"

namespace sluice::systems::transfer {

QJsonObject VerifyBody::toJson() const
{
    return {{"verifyOf", of}, {"othersAllowed", othersAllowed}};
}

VerifyBody VerifyBody::fromJson(const QJsonObject& json)
{
    return {.of = json["verifyOf"].toString(), .othersAllowed = json["othersAllowed"].toBool()};
}

VerifyKind::VerifyKind() : TaskKind(kVerifyKind, {.onlyReads = true}) {}

flow::TaskKind::Body VerifyKind::read(const yaml::Value& value, const flow::FlowContext&) const
{
    const yaml::Map verify = value.map(QStringLiteral("a map with of"));
    verify.refuseOthers({"of", "others"});
    VerifyBody body;
    body.othersAllowed = verify.optional(QStringLiteral("others"))
                             .oneOf({QStringLiteral("refuse"), QStringLiteral("allow")},
                                    QStringLiteral("refuse")) == QLatin1String("allow");
    body.of = verify.required(QStringLiteral("of"), QStringLiteral("the name of a move task")).text();
    return model::makeBody(body);
}

flow::TaskKind::Body VerifyKind::fromJson(const QJsonObject& body) const
{
    return model::makeBody(VerifyBody::fromJson(body));
}

void VerifyKind::check(const model::TaskSpec& spec, const flow::FlowView& flow, const yaml::Value& at) const
{
    const QString of = subject(spec);
    if (of.isEmpty()) {
        return;  // said where it stands
    }
    const model::TaskSpec* move = flow.task(of);
    if (!move || move->kind != kMoveKind) {
        at.problem(
            QStringLiteral("task '%1' verifies '%2', which is no move task of this flow").arg(spec.name, of),
            QStringLiteral("the name of a move task"));
        return;
    }
    if (!flow.needs(spec.name, of)) {
        at.problem(QStringLiteral("task '%1' may run before '%2', which it verifies").arg(spec.name, of),
                   QStringLiteral("'%1' among its needs, directly or through others").arg(of));
    }
}

QString VerifyKind::subject(const model::TaskSpec& spec) const
{
    return model::bodyOf<VerifyBody>(spec).of;
}

flow::Touches VerifyKind::touches(const model::TaskSpec&, const model::TaskSpec& subject) const
{
    if (subject.kind != kMoveKind) {
        return {};
    }
    return touchesOf({{.location = model::bodyOf<MoveBody>(subject).to, .destination = true}});
}

QJsonObject VerifyKind::words(const model::TaskSpec& spec) const
{
    return {{"from", subject(spec)}};
}

}  // namespace sluice::systems::transfer
