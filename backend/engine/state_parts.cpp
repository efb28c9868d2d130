#include "engine/state_parts.h"

#include "actions/kept_actions.h"
#include "actions/request_book.h"
#include "engine/attempt_fencer.h"
#include "engine/case_book.h"
#include "engine/engine_identity.h"
#include "engine/key_service.h"
#include "engine/reset_service.h"
#include "engine/state_guard.h"
#include "estate/estate_store.h"
#include "flow/run_store.h"

namespace sluice::engine {

QList<store::PartSchema> stateParts(const connect::Systems& systems)
{
    QList<store::PartSchema> parts{estate::EstateStore::schema(),  flow::RunStore::schema(),
                                   KeyService::schema(),           CaseBook::schema(),
                                   ResetService::schema(),         AttemptFencer::schema(),
                                   actions::RequestBook::schema(), actions::KeptActions::schema(),
                                   StateGuard::schema(),           EngineIdentity::schema()};
    for (const connect::System& system : systems) {
        parts += system.stateParts;
    }
    return parts;
}

QStringList stateFolders(const connect::Systems& systems)
{
    QStringList folders;
    for (const connect::System& system : systems) {
        folders += system.stateFolders;
    }
    return folders;
}

}  // namespace sluice::engine
