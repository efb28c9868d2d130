#include "engine/key_service.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "core/canonical_json.h"
#include "core/log.h"
#include "core/units.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::engine {
namespace {

constexpr int kFirstKeyEveryMs = 1000;
constexpr qint64 kFirstKeyPauseMs = 30'000;
constexpr int kListMs = 5000;

Error noRole(const QString& role)
{
    return Error{.code = ErrorCode::NotFound,
                 .message = QStringLiteral("There is no role '%1'").arg(role),
                 .cause = QStringLiteral("the configuration names no such role"),
                 .correction = QStringLiteral("See the roles with: sluicectl keys list."),
                 .source = QStringLiteral("keys")};
}

Error underWay(const QString& role)
{
    return Error{
        .code = ErrorCode::FailedPrecondition,
        .message = QStringLiteral("A rotation of role %1 is under way").arg(role),
        .cause = QStringLiteral("the one before has not revoked its old key yet"),
        .correction = QStringLiteral("Wait until it has ended; see its steps with: sluicectl keys list."),
        .source = QStringLiteral("keys")};
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

bool KeyService::runs(const QString& role) const
{
    const auto it = m_active.find(role);
    return it != m_active.end() && it->second.rotation->state() == keys::RotationState::Running;
}

bool KeyService::rotating() const
{
    return std::any_of(m_active.begin(), m_active.end(),
                       [this](const auto& item) { return runs(item.first); });
}

Result<void> KeyService::load()
{
    auto read = m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("key_role"),
                               QStringLiteral("SELECT role, body FROM key_role"), {},
                               [this](store::RowReader& row) { m_saved.insert(row.name(0), row.object(1)); });
    });
    return read;
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
    return keys::RotationContext{
        .authority = authorityOf(role),
        .vault = m_vault,
        .holders = m_holders,
        .save = [this, role](const QJsonObject& state,
                             keys::Callback<void> done) { save(role, state, std::move(done)); },
        .clock = m_clock};
}

void KeyService::save(const QString& role, const QJsonObject& state, keys::Callback<void> done)
{
    QJsonObject full = state;
    full["asker"] = m_active[role].asker.toJson();
    const QString body = QString::fromUtf8(QJsonDocument(full).toJson(QJsonDocument::Compact));
    m_database.write(
        [role, body](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT INTO key_role (role, body) VALUES (?, ?) "
                                          "ON CONFLICT (role) DO UPDATE SET body = excluded.body"),
                           {role, body});
        },
        this,
        [this, role, id = state["id"].toString(), done = std::move(done)](const Result<void>& saved) {
            // The last save of the rotation before may end after this one was adopted.
            Active& active = m_active[role];
            const bool first = active.rotation && active.rotation->id() == id;
            const auto started = first ? std::exchange(active.started, {}) : actions::Action::Started();
            if (saved && started) {
                started();
            }
            done(saved);
        });
}

void KeyService::start()
{
    for (auto it = m_saved.begin(); it != m_saved.end(); ++it) {
        if (!m_specs.contains(it.key())) {
            continue;
        }
        auto rotation = keys::Rotation::fromJson(it.value(), m_specs.value(it.key()), contextFor(it.key()));
        if (!rotation) {
            log::error("keys", QStringLiteral("%1: %2").arg(it.key(), rotation.error().toLine()));
            continue;
        }
        m_book.replace((*rotation)->role());
        m_lastRotation[it.key()] = (*rotation)->rowJson();
        if ((*rotation)->state() == keys::RotationState::Running) {
            const actions::Asker asker = actions::Asker::fromJson(it.value()["asker"].toObject());
            const QString method =
                (*rotation)->from() > 0 ? QStringLiteral("keys.rotate") : QStringLiteral("keys.renew");
            adopt(it.key(), std::move(rotation), asker,
                  [this, role = it.key(), asker, method](const Result<QJsonObject>& outcome) {
                      if (!asker.principal.isEmpty()) {
                          Q_EMIT carriedOn(role, asker,
                                           outcome ? QStringLiteral("carried on after a restart")
                                                   : QStringLiteral("failed"),
                                           outcome ? *outcome : outcome.error().toJson(), method);
                      }
                  });
        }
    }
    m_saved.clear();
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
        entitiesOf(role, [this, role](const Result<QStringList>& entities) {
            m_asking.remove(role);
            if (!entities) {
                log::warn("keys",
                          QStringLiteral("first key of %1 waits: %2").arg(role, entities.error().toLine()));
                return;
            }
            adopt(role,
                  keys::Rotation::first(QStringLiteral("first-%1").arg(role), m_book.role(role), *entities,
                                        contextFor(role)),
                  {}, [this, role](const Result<QJsonObject>& made) {
                      if (!made) {
                          m_firstKeyNotBeforeMs[role] = m_clock.monotonicMs() + kFirstKeyPauseMs;
                          log::error("keys",
                                     QStringLiteral("first key of %1: %2").arg(role, made.error().toLine()));
                      } else if (auto current = m_book.currentOf(role)) {
                          Q_EMIT firstKeyMade(role, current->entity);
                      }
                  });
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

void KeyService::adopt(const QString& role, Result<std::unique_ptr<keys::Rotation>> made,
                       const actions::Asker& asker, actions::Action::Done done,
                       actions::Action::Started started)
{
    if (!made) {
        if (done) {
            done(fail(made.error()));
        }
        return;
    }
    Active& active = m_active[role];
    if (active.rotation) {
        active.rotation.release()->deleteLater();
    }
    m_authorities.at(role).link.actFor(asker);
    active = Active{
        .rotation = std::move(*made), .done = std::move(done), .asker = asker, .started = std::move(started)};
    // What was done before a restart was recorded then.
    const QList<keys::RotationStep>& steps = active.rotation->steps();
    active.stepsEnded = std::find_if(steps.begin(), steps.end(),
                                     [](const auto& step) { return step.state != keys::StepState::Done; }) -
                        steps.begin();
    connect(active.rotation.get(), &keys::Rotation::changed, this, [this, role] { follow(role); });
    connect(active.rotation.get(), &keys::Rotation::ended, this, [this, role] { ended(role); });
    active.rotation->run();
    follow(role);
}

void KeyService::follow(const QString& role)
{
    Active& active = m_active[role];
    m_book.replace(active.rotation->role());
    m_lastRotation[role] = active.rotation->rowJson();
    const QList<keys::RotationStep>& steps = active.rotation->steps();
    for (; active.stepsEnded < steps.size() && (steps[active.stepsEnded].state == keys::StepState::Done);
         ++active.stepsEnded) {
        const keys::RotationStep& step = steps[active.stepsEnded];
        Q_EMIT stepEnded(role, active.asker, step.id, toString(step.state), step.detail);
    }
    if (active.stepsEnded < steps.size()) {
        const keys::RotationStep& step = steps[active.stepsEnded];
        if (step.state == keys::StepState::Failed && !active.stepBegun.isEmpty()) {
            active.stepBegun.clear();
            Q_EMIT stepEnded(role, active.asker, step.id, toString(step.state), step.detail);
        } else if (step.state == keys::StepState::Running && step.id != active.stepBegun) {
            active.stepBegun = step.id;
            Q_EMIT stepBegun(role, active.asker, step.id);
        }
    }
    announce({role});
}

void KeyService::ended(const QString& role)
{
    follow(role);
    Active& active = m_active[role];
    const auto done = std::exchange(active.done, {});
    if (!done) {
        return;
    }
    if (active.rotation->state() == keys::RotationState::Done) {
        done(active.rotation->rowJson());
    } else {
        done(fail(active.rotation->error()));
    }
}

QJsonObject KeyService::row(const QString& id) const
{
    if (!m_book.contains(id)) {
        return {};
    }
    QJsonObject row = m_book.role(id).row(m_holders, m_lastRotation.value(id));
    row["id"] = id;
    return row;
}

void KeyService::planRotation(const QString& role, std::function<void(const Result<QJsonObject>&)> done)
{
    if (!m_book.contains(role)) {
        done(fail(noRole(role)));
        return;
    }
    if (auto current = m_book.currentOf(role); !current) {
        done(fail(current.error()));
        return;
    }
    entitiesOf(role, [this, role, done = std::move(done)](const Result<QStringList>& entities) {
        if (!entities) {
            done(fail(entities.error()));
            return;
        }
        auto rotation =
            keys::Rotation::begin(QStringLiteral("plan"), m_book.role(role), *entities, contextFor(role));
        if (!rotation) {
            done(fail(rotation.error()));
            return;
        }
        const keys::RoleKeys& keys = m_book.role(role);
        const QString from = keys.named((*rotation)->from()).entity;
        const QString to = keys.named((*rotation)->to()).entity;
        QJsonArray steps;
        for (const keys::RotationStep& step : (*rotation)->steps()) {
            steps.append(QJsonObject{{"id", step.id}, {"title", step.title}, {"checkedBy", step.checkedBy}});
        }
        const int holders = m_holders(role, (*rotation)->from());
        const QJsonObject plan{
            {"action", "keys.rotate"},
            {"class", 2},
            {"role", role},
            {"connection", keys.spec.connection},
            {"from", from},
            {"to", to},
            {"overlapMs", keys.spec.overlapMs},
            {"steps", steps},
            {"touches",
             QJsonArray{QStringLiteral("Attempts that hold %1 now: %2; each keeps it until it ends")
                            .arg(from)
                            .arg(holders)}},
            {"cannotUndo",
             QJsonArray{
                 QStringLiteral(
                     "After the overlap of %1 the key of %2 is removed; what still uses it is refused.")
                     .arg(formatDuration(keys.spec.overlapMs), from)}}};
        const QJsonObject state{{"generations", m_book.role(role).toJson()}};
        // Holders come and go without making the plan wrong, so they are not part of its hash.
        QJsonObject hashed = plan;
        hashed.remove(QStringLiteral("touches"));
        done(QJsonObject{{"plan", plan}, {"planHash", sha256Of(hashed)}, {"stateHash", sha256Of(state)}});
    });
}

Result<void> KeyService::mayBegin(const QString& role) const
{
    if (!m_book.contains(role)) {
        return fail(noRole(role));
    }
    if (auto may = m_link.mayAct(connectionOf(role)); !may) {
        return may;
    }
    return runs(role) ? Result<void>(fail(underWay(role))) : Result<void>();
}

void KeyService::rotate(const QString& role, const actions::Asker& asker, actions::Action::Started started,
                        actions::Action::Done done)
{
    if (auto may = mayBegin(role); !may) {
        done(fail(may.error()));
        return;
    }
    entitiesOf(role, [this, role, asker, started = std::move(started),
                      done = std::move(done)](const Result<QStringList>& entities) {
        // Another one may have begun meanwhile.
        if (!entities || runs(role)) {
            done(fail(entities ? underWay(role) : entities.error()));
            return;
        }
        const QString id = QStringLiteral("K-%1-%2").arg(role).arg(m_clock.nowMs());
        adopt(role, keys::Rotation::begin(id, m_book.role(role), *entities, contextFor(role)), asker, done,
              started);
    });
}

}  // namespace sluice::engine
