#include "engine/key_service.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QUuid>
#include <algorithm>

#include "core/log.h"
#include "engine/key_actions.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

constexpr int kFirstKeyEveryMs = 1000;
/// After one that failed; doubles so often.
constexpr qint64 kFirstKeyPauseMs = 30'000;
constexpr int kMostDoubled = 7;
constexpr int kListMs = 5000;

/// The entity that a plan rotates away from; empty: a first key.
QString rotatesFrom(const QJsonObject& plan)
{
    const bool renews = plan["action"].toString() == QLatin1String("keys.renew");
    return plan[renews ? QLatin1String("rotatesFrom") : QLatin1String("from")].toString();
}

actions::Effect effectOf(const keys::StepEnd& end)
{
    using Kind = keys::StepEnd::Kind;
    return {.outcome = end.kind == Kind::AlreadySo ? actions::Outcome::AlreadySo : actions::Outcome::Verified,
            .by = end.text,
            .waits = end.kind == Kind::Waits,
            .backTo = end.backTo};
}

}  // namespace

store::PartSchema KeyService::schema()
{
    return {
        .part = QStringLiteral("keys"),
        .steps = {{.version = 1,
                   .statements = {QStringLiteral(
                       "CREATE TABLE key_role (role TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")},
                   .inFileSince = 1}}};
}

KeyService::KeyService(connect::Link& link, MakeAuthority makeAuthority, keys::KeyVault& vault,
                       store::Database& database, const Clock& clock, QObject* parent)
    : LiveTopic(parent),
      m_link(link),
      m_makeAuthority(std::move(makeAuthority)),
      m_vault(vault),
      m_database(database),
      m_clock(clock)
{
    m_holders = [](const QString&, int) { return 0; };
    m_firstKeys.setInterval(kFirstKeyEveryMs);
    connect(&m_firstKeys, &QTimer::timeout, this, &KeyService::makeFirstKeys);
}

void KeyService::addRole(const keys::RoleSpec& spec)
{
    m_specs.insert(spec.role, spec);
    m_book.add(spec);
}

QString KeyService::secretNameOf(const QString& entity) const
{
    for (const QString& role : m_book.roles()) {
        for (const keys::Generation& one : m_book.role(role).generations) {
            if (one.entity == entity && one.live()) {
                return one.secretName;
            }
        }
    }
    return {};
}

QString KeyService::connectionOf(const QString& role) const
{
    return m_specs.value(role).connection;
}

void KeyService::setActions(actions::ActionRunner& actions)
{
    m_actions = &actions;
    actions.add(firstKeyAction(this));
    connect(&actions, &LiveTopic::changed, this, [this](const QStringList& upserted) {
        for (const auto& [role, active] : m_active) {
            if (upserted.contains(actionOf(active))) {
                announce({role});
            }
        }
    });
}

Result<void> KeyService::load(actions::KeptActions& kept, actions::RequestBook& requests)
{
    QHash<QString, QJsonObject> saved;
    auto read = m_database.readNow([&](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("key_role"),
                               QStringLiteral("SELECT role, body FROM key_role"), {},
                               [&saved](store::RowReader& row) { saved.insert(row.name(0), row.object(1)); });
    });
    for (auto it = saved.cbegin(); it != saved.cend(); ++it) {
        if (!m_specs.contains(it.key())) {
            continue;
        }
        const auto stored = storedKeys(it.value(), m_specs.value(it.key()));
        if (!stored) {
            log::error("keys", QStringLiteral("%1: %2").arg(it.key(), stored.error().toLine()));
            continue;
        }
        m_book.replace(stored->state.keys);
        m_states.insert(it.key(), stored->state);
        if (stored->left) {
            adopt(it.key(), *stored, kept, requests);
        }
    }
    for (const QJsonObject& action : kept.left()) {
        const auto request = requests.find(action["asker"]["requestId"].toString());
        if (action["method"].toString().startsWith(QLatin1String("keys.")) &&
            (!request || request->stage == actions::RequestBook::Stage::Begun)) {
            m_left.insert(action["params"]["role"].toString());
        }
    }
    return read;
}

/// What it was doing and how far it is goes to the runner; the role keeps its generations.
void KeyService::adopt(const QString& role, const StoredKeys& stored, actions::KeptActions& kept,
                       actions::RequestBook& requests)
{
    const LeftRotation& left = *stored.left;
    actions::Asker asker = actions::Asker::fromJson(left.asker);
    if (asker.isNobody()) {
        asker = actions::engineItself(QStringLiteral("rotation"));
    }
    if (asker.requestId.isEmpty()) {
        asker.requestId = QUuid::createUuid().toString(QUuid::WithoutBraces);
    }
    const auto request = requests.find(asker.requestId);
    const QString method = request ? request->method : left.method;
    QJsonObject plan = left.plan;
    plan["action"] = method;
    KeyState& state = m_states[role];
    state.requestId = asker.requestId;
    kept.adopt(
        request ? request->action : requests.nextActionId(),
        {{"method", method},
         {"title", keyActionTitle(method, role)},
         {"params", QJsonObject{{"role", role}}},
         {"plan", plan},
         {"objects", QJsonArray{QStringLiteral("role/") + role, plan["from"], plan["to"]}},
         {"asker", asker.toJson()},
         {"outcomes", QJsonArray::fromStringList(left.outcomes)},
         {"times", left.times}},
        [role, body = QString::fromUtf8(QJsonDocument(state.toJson()).toJson(QJsonDocument::Compact))](
            store::Tx& tx) {
            return tx.exec(QStringLiteral("UPDATE key_role SET body = ? WHERE role = ?"), {body, role});
        });
}

keys::KeyAuthority& KeyService::authorityOf(const QString& role)
{
    Authority& authority =
        m_authorities.try_emplace(role, Authority{.link = NamedLink(m_link)}).first->second;
    if (!authority.keeper) {
        authority.keeper = m_makeAuthority(authority.link, connectionOf(role));
    }
    return *authority.keeper;
}

keys::RotationContext KeyService::contextFor(const QString& role)
{
    return keys::RotationContext{.authority = authorityOf(role),
                                 .vault = m_vault,
                                 .holders = m_holders,
                                 .save =
                                     [this, role](const QJsonObject& work, keys::Callback<void> done) {
                                         save(role, work, QStringLiteral("running"), std::move(done));
                                     },
                                 .clock = m_clock};
}

void KeyService::save(const QString& role, const QJsonObject& work, const QString& state,
                      keys::Callback<void> done)
{
    const Active& active = m_active[role];
    KeyState next{.keys = active.rotation->role(),
                  .requestId = active.requestId,
                  .work = {{"cutOff", work["cutOff"]}},
                  .rotation = rotationRow(active, state)};
    // How long both keys work is what the configuration says; the plan of this rotation may be older.
    next.keys.spec = m_specs.value(role);
    const QString body = QString::fromUtf8(QJsonDocument(next.toJson()).toJson(QJsonDocument::Compact));
    m_database.write(
        [role, body](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT INTO key_role (role, body) VALUES (?, ?) "
                                          "ON CONFLICT (role) DO UPDATE SET body = excluded.body"),
                           {role, body});
        },
        this,
        [this, role, next, done = std::move(done)](const Result<void>& saved) {
            if (saved) {
                m_book.replace(next.keys);
                m_states[role] = next;
                announce({role});
            }
            done(saved);
        });
}

void KeyService::start()
{
    m_firstKeys.start();
    makeFirstKeys();
    announce(ids());
}

void KeyService::makeFirstKeys()
{
    for (const QString& role : m_book.withoutKey()) {
        if (runs(role) || m_asking.contains(role) ||
            m_clock.monotonicMs() < m_firstKeyNotBeforeMs.value(role) || !m_link.mayAct(connectionOf(role))) {
            continue;
        }
        m_asking.insert(role);
        m_actions->requestByEngine(
            QStringLiteral("keys.first"), {{"role", role}}, QStringLiteral("rotation"),
            [this, role](const Result<QJsonObject>& made) {
                m_asking.remove(role);
                if (!made) {
                    log::warn("keys", QStringLiteral("first key of %1: %2").arg(role, made.error().toLine()));
                }
            });
    }
}

void KeyService::entitiesOf(const QString& role, std::function<void(const Result<QStringList>&)> done)
{
    m_link.call(connectionOf(role), QStringLiteral("auth.list"), {}, kListMs, false,
                [done = std::move(done)](const Result<QJsonObject>& reply) {
                    if (!reply) {
                        done(fail(reply.error()));
                        return;
                    }
                    QStringList entities;
                    for (const QJsonValue& value : (*reply)["entities"].toArray()) {
                        entities.append(value.isObject() ? value["entity"].toString() : value.toString());
                    }
                    done(entities);
                });
}

Result<keys::Rotation*> KeyService::rotationOf(const actions::Call& call)
{
    const QString role = call.params["role"].toString();
    if (!m_book.contains(role)) {
        return fail(m_book.currentOf(role).error());
    }
    Active& active = m_active[role];
    m_left.remove(role);
    if (active.rotation && active.requestId == call.asker.requestId) {
        return active.rotation.get();
    }
    const KeyState known = m_states.value(role);
    const bool goesOn = known.requestId == call.asker.requestId;
    keys::RoleKeys keys = m_book.role(role);
    keys.spec.overlapMs = call.plan["overlapMs"].toInteger(keys.spec.overlapMs);
    const QString oldEntity = rotatesFrom(call.plan);
    const keys::Course course{.from = oldEntity.isEmpty() ? 0 : keys.numberNamed(oldEntity),
                              .to = keys.numberNamed(call.plan["to"].toString()),
                              .takesOver = call.plan["takesOver"].toBool()};
    if (!goesOn) {
        const QStringList lost = QVariant(call.plan["lost"].toArray().toVariantList()).toStringList();
        keys = onCourse(withoutLost(std::move(keys), lost, m_clock.nowMs()), course);
    }
    const bool complete = keys.generation(course.to) && course.from != course.to &&
                          (oldEntity.isEmpty() || keys.generation(course.from));
    if (!complete) {
        m_active.erase(role);
        return fail(Error{.code = ErrorCode::FailedPrecondition,
                          .message = QStringLiteral("The key of role %1 is not changed").arg(role),
                          .cause = QStringLiteral("the generations that were planned are not known any more"),
                          .correction = QStringLiteral("Look at the role and its new plan, then ask again."),
                          .source = connectionOf(role)});
    }
    active = {.rotation = std::make_unique<keys::Rotation>(keys, course.from, course.to, contextFor(role)),
              .requestId = call.asker.requestId,
              .method = call.plan["action"].toString()};
    active.rotation->resume(goesOn ? known.work : QJsonObject(), call.times["overlap"].toInteger());
    m_authorities.at(role).link.actFor(call.asker);
    announce({role});
    return active.rotation.get();
}

QList<actions::Step> KeyService::steps(const actions::Call& call)
{
    const QString role = call.params["role"].toString();
    const qint64 overlapMs = call.plan["overlapMs"].toInteger(m_specs.value(role).overlapMs);
    if (call.carriedOn) {
        // It is shown as under way from now on, also while it waits for a time. What is wrong fails its step.
        static_cast<void>(rotationOf(call));
    }
    QList<actions::Step> steps;
    for (const keys::RotationStep& one :
         keys::rotationSteps(rotatesFrom(call.plan), call.plan["to"].toString(), overlapMs)) {
        actions::Step step{.id = one.id,
                           .title = one.title,
                           .checkedBy = one.checkedBy,
                           .name = QStringLiteral("keys.") + one.id,
                           .objects = {QStringLiteral("role/") + role}};
        step.act = [this, call, id = one.id](actions::Step::Acted done) {
            const auto rotation = rotationOf(call);
            if (!rotation) {
                done(fail(rotation.error()));
                return;
            }
            (*rotation)->act(id, [done = std::move(done)](const Result<keys::StepEnd>& end) {
                done(end ? Result<actions::Effect>(effectOf(*end))
                         : Result<actions::Effect>(fail(end.error())));
            });
        };
        if (one.id == QLatin1String("overlap")) {
            step.notBefore = [this, call] {
                const auto rotation = rotationOf(call);
                return rotation ? (*rotation)->overlapEnds() : 0;
            };
            step.waitText = QStringLiteral("both keys work until %1");
        }
        steps.append(step);
    }
    return steps;
}

void KeyService::over(const actions::Call& call, const Result<QJsonObject>& result,
                      std::function<void()> then)
{
    const QString role = call.params["role"].toString();
    m_left.remove(role);
    const auto active = m_active.find(role);
    if (active == m_active.end() || !active->second.rotation) {
        m_active.erase(role);
        then();
        return;
    }
    if (result) {
        m_firstKeyFailures.remove(role);
    } else {
        const int doubled = qMin(m_firstKeyFailures[role]++, kMostDoubled);
        m_firstKeyNotBeforeMs[role] = m_clock.monotonicMs() + (kFirstKeyPauseMs << doubled);
    }
    save(role, active->second.rotation->toJson(), result ? QStringLiteral("done") : QStringLiteral("failed"),
         [this, role, then = std::move(then)](const Result<void>& saved) {
             if (!saved) {
                 log::warn("keys", QStringLiteral("how the rotation of %1 ended is not kept: %2")
                                       .arg(role, saved.error().toLine()));
             }
             m_active.erase(role);
             announce({role});
             then();
         });
}

/// Steps in the words of topic `roles`, with the word of the record beside.
QJsonObject KeyService::rotationRow(const Active& active, const QString& state) const
{
    const QJsonObject action = m_actions->full(actionOf(active));
    QJsonArray steps;
    for (const QJsonValue& value : action["steps"].toArray()) {
        QJsonObject step = value.toObject();
        const QString word = step["state"].toString();
        step["outcome"] = actions::endsIt(word) ? word : QString();
        if (actions::endsIt(word)) {
            step["state"] = actions::succeeded(word) ? QStringLiteral("done") : QStringLiteral("failed");
        }
        steps.append(step);
    }
    return {{"id", action["id"]},
            {"state", state},
            {"from", active.rotation->from()},
            {"to", active.rotation->to()},
            {"startedAt", action["at"]},
            {"steps", steps}};
}

QJsonObject KeyService::row(const QString& id) const
{
    if (!m_book.contains(id)) {
        return {};
    }
    const auto active = m_active.find(id);
    const bool runs = active != m_active.end() && active->second.rotation;
    QJsonObject row =
        m_book.role(id).row(m_holders, runs ? rotationRow(active->second, QStringLiteral("running"))
                                            : m_states.value(id).rotation);
    row["id"] = id;
    return row;
}

}  // namespace sluice::engine
