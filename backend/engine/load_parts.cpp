// What the state database knows is read part by part, at the start.
#include "engine/parts.h"

namespace sluice::engine {

Result<void> loadInOrder(std::initializer_list<std::function<Result<void>()>> loads)
{
    for (const auto& load : loads) {
        if (auto loaded = load(); !loaded) {
            return loaded;
        }
    }
    return {};
}

Result<void> loadParts(Engine::Parts& m)
{
    return loadInOrder({[&m] { return m.guard->load(); }, [&m] { return m.estateStore->load(); },
                        [&m] { return m.connectors->load(); }, [&m] { return m.fencer->load(); },
                        [&m] { return m.flow->load(); }, [&m] { return m.cases->load(); },
                        [&m] { return m.requests->load(m.clock.nowMs()); },
                        [&m] { return m.keptActions->load(); },
                        [&m] { return m.keys->load(*m.keptActions, *m.requests); },
                        [&m] { return m.resets->load(*m.database, *m.keptActions, *m.requests); }});
}

}  // namespace sluice::engine
