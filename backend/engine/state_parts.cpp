#include "engine/state_parts.h"

#include "actions/request_book.h"
#include "engine/attempt_fencer.h"
#include "engine/case_book.h"
#include "engine/engine_identity.h"
#include "engine/key_service.h"
#include "engine/observers.h"
#include "engine/reset_service.h"
#include "engine/state_guard.h"
#include "estate/estate_store.h"
#include "flow/run_store.h"

namespace sluice::engine {

QList<store::PartSchema> stateParts()
{
    return {estate::EstateStore::schema(),
            flow::RunStore::schema(),
            Observers::schema(),
            KeyService::schema(),
            CaseBook::schema(),
            ResetService::schema(),
            AttemptFencer::schema(),
            actions::RequestBook::schema(),
            StateGuard::schema(),
            EngineIdentity::schema()};
}

}  // namespace sluice::engine
