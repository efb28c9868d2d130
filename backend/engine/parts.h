#pragma once

#include <QtCore/QTimer>
#include <memory>

#include "actions/action_methods.h"
#include "actions/action_runner.h"
#include "actions/kept_actions.h"
#include "audit/audit_log.h"
#include "connect/connectors.h"
#include "engine/attempt_fencer.h"
#include "engine/audit_topic.h"
#include "engine/case_book.h"
#include "engine/doctor.h"
#include "engine/engine.h"
#include "engine/engine_identity.h"
#include "engine/engine_topic.h"
#include "engine/folder_lock.h"
#include "engine/health_watch.h"
#include "engine/key_service.h"
#include "engine/loop_lag.h"
#include "engine/outage_watch.h"
#include "engine/publication.h"
#include "engine/recorded_link.h"
#include "engine/reset_service.h"
#include "engine/shared_text.h"
#include "engine/state_guard.h"
#include "estate/entity_kind.h"
#include "estate/estate_store.h"
#include "flow/topics.h"
#include "keys/secret_store.h"
#include "rpc/server.h"
#include "store/database.h"

namespace sluice::engine {

/// All parts of an engine, in the order they are built; destroyed the other way round.
struct Engine::Parts {
    EngineOptions options{};
    const Clock& clock;
    std::shared_ptr<const FolderLock> lock{};
    std::unique_ptr<EngineIdentity> identity{};
    QString engineId{};
    QString principal{};
    qint64 startedAtMs{};
    bool crashedBefore{false};
    std::shared_ptr<SharedText> auditNote{};  // the end of audit.db, kept in state.db
    bool filesChecked{false};
    bool chainChecked{false};
    bool acts{false};
    std::unique_ptr<store::Database> database{};
    std::unique_ptr<StateGuard> guard{};
    std::unique_ptr<audit::AuditLog> audit{};
    std::unique_ptr<keys::SecretStore> secrets{};
    std::unique_ptr<keys::ThreadedKeyVault> vault{};
    estate::EntityKinds kinds{};
    std::unique_ptr<estate::Estate> estate{};
    std::unique_ptr<estate::EstateStore> estateStore{};
    std::unique_ptr<connect::Connectors> connectors{};
    std::unique_ptr<RecordedLink> recorded{};
    std::unique_ptr<HealthWatch> health{};
    std::unique_ptr<KeyService> keys{};
    std::unique_ptr<AttemptFencer> fencer{};
    flow::TaskKinds taskKinds{};
    std::unique_ptr<flow::FlowEngine> flow{};
    connect::TaskRunners runners{};
    std::unique_ptr<CaseBook> cases{};
    std::unique_ptr<diagnosis::RuleBook> rules{};
    std::unique_ptr<Doctor> doctor{};
    std::unique_ptr<OutageWatch> outages{};
    std::unique_ptr<actions::RequestBook> requests{};
    std::unique_ptr<actions::KeptActions> keptActions{};
    std::unique_ptr<actions::ActionRunner> actions{};
    std::unique_ptr<ResetService> resets{};
    std::unique_ptr<flow::RunsTopic> runsTopic{};
    std::unique_ptr<flow::TasksTopic> tasksTopic{};
    std::unique_ptr<AuditTopic> auditTopic{};
    std::unique_ptr<EngineTopic> engineTopic{};
    std::unique_ptr<LoopLag> lag{};
    std::unique_ptr<rpc::MethodTable> methods{};
    std::unique_ptr<rpc::Server> server{};
    std::unique_ptr<Publication> publication{};
    QTimer tick{};
    qint64 idleSinceMs{};
};

/// One after the other, up to the first that fails: what comes after it is not to read, and above all not to
/// write, what it would take for empty.
Result<void> loadInOrder(std::initializer_list<std::function<Result<void>()>> loads);
/// Blocking; at start only. @error of the first part that cannot be read
Result<void> loadParts(Engine::Parts& parts);

/// Rows of the method table, by theme. `parts` may be null: then only the document is made.
void addFlowMethods(rpc::MethodTable& table, Engine::Parts* parts);
void addResetMethods(rpc::MethodTable& table, Engine::Parts* parts);
void addEngineMethods(rpc::MethodTable& table, std::function<QJsonObject()> describe);
void addKeyMethods(rpc::MethodTable& table, Engine::Parts* parts);
void addStateMethods(rpc::MethodTable& table, Engine::Parts* parts);
/// What the systems bring. @param runner and link null: only the document is made
void addSystemActions(rpc::MethodTable& table, const connect::Systems& systems, actions::ActionRunner* runner,
                      connect::Link* link);
void addTopicDocs(rpc::MethodTable& table, const estate::EntityKinds& kinds);

using actions::askerOf;
using actions::planVoid;
/// Answers a change of class 2 that is not begun: that it was asked for is recorded all the same.
void refuse(Engine::Parts* parts, const rpc::Request& request, const QString& object, const Error& error,
            const rpc::Reply& reply);

}  // namespace sluice::engine
