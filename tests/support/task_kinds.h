#pragma once

#include "flow/approve_kind.h"
#include "systems/luigi/luigi_kind.h"
#include "systems/transfer/move_kind.h"
#include "systems/transfer/verify_kind.h"

/// The kinds of task there are, and bodies for tests.
namespace sluice::test {

inline flow::TaskKinds taskKinds()
{
    return flow::TaskKinds(
        {std::make_shared<systems::transfer::MoveKind>(16), std::make_shared<systems::transfer::VerifyKind>(),
         std::make_shared<systems::luigi::LuigiKind>(), std::make_shared<flow::ApproveKind>()});
}

inline flow::TaskKind::Body moveBody(const QString& from, const QString& to)
{
    return model::makeBody(systems::transfer::MoveBody{.from = *model::Location::parse(from),
                                                       .to = *model::Location::parse(to)});
}

inline flow::TaskKind::Body verifyBody(const QString& of)
{
    return model::makeBody(systems::transfer::VerifyBody{.of = of});
}

}  // namespace sluice::test
