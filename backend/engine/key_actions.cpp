#include "engine/key_actions.h"

#include "engine/key_service.h"

namespace sluice::engine {
namespace {

using Planning = void (KeyService::*)(const actions::Call&, actions::Description::Planned);

actions::Description keyAction(KeyService* keys, Planning plan, actions::Description description)
{
    description.params = {{"role", "string", true, "name of a role"}};
    description.subject = QStringLiteral("role/%1");
    description.plan = [keys, plan](const actions::Call& call, actions::Description::Planned done) {
        (keys->*plan)(call, std::move(done));
    };
    description.steps = [keys](const actions::Call& call) { return keys->steps(call); };
    description.resumes = true;
    // One change of a role's key at a time, whichever it is.
    description.alone = true;
    description.aloneAs = QStringLiteral("keys");
    description.tireless = true;
    description.over = [keys](const actions::Call& call, const Result<QJsonObject>& result,
                              std::function<void()> then) { keys->over(call, result, std::move(then)); };
    return description;
}

}  // namespace

QString keyActionTitle(const QString& method, const QString& role)
{
    return (method == QLatin1String("keys.rotate")  ? QStringLiteral("Rotate the key of %1")
            : method == QLatin1String("keys.renew") ? QStringLiteral("Make a new first key for %1")
                                                    : QStringLiteral("Make the first key of %1"))
        .arg(role);
}

actions::Description rotateKeyAction(KeyService* keys)
{
    return keyAction(
        keys, &KeyService::planRotation,
        {.method = QStringLiteral("keys.rotate"),
         .actionClass = 2,
         .planMembers =
             QStringLiteral("{action, class, role, from, to, overlapMs, steps, touches, cannotUndo}"),
         .doc =
             QStringLiteral("Rotates: new generation, overlap, old one revoked. Answers when it is begun."),
         .planDoc = QStringLiteral("What a rotation of the role's key would do. Changes nothing.")});
}

actions::Description renewKeyAction(KeyService* keys)
{
    return keyAction(
        keys, &KeyService::planRenewal,
        {.method = QStringLiteral("keys.renew"),
         .actionClass = 2,
         .planMembers =
             QStringLiteral("{action, class, role, from, to, why, lost, rotatesFrom, steps, touches, "
                            "cannotUndo}; lost: entities that are of no use any more; rotatesFrom: an older "
                            "one that still works, or empty"),
         .doc = QStringLiteral("Makes that new first key; refused while the key in use works. "
                               "Answers when it is begun."),
         .planDoc = QStringLiteral("What a new first key would be for a role whose key its cluster "
                                   "accepts no more. Changes nothing.")});
}

actions::Description firstKeyAction(KeyService* keys)
{
    return keyAction(keys, &KeyService::planFirstKey, {.method = QStringLiteral("keys.first")});
}

}  // namespace sluice::engine
