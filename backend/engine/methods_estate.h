#pragma once

#include "estate/entity_kind.h"
#include "estate/estate.h"
#include "rpc/method_table.h"

namespace sluice::engine {

/// estate.list and estate.kinds. `estate` outlives the table; it may be null: then only the document is made.
void addEstateMethods(rpc::MethodTable& table, const estate::Estate* estate,
                      const estate::EntityKinds& kinds);

}  // namespace sluice::engine
