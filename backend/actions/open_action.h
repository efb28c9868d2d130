#pragma once

#include "actions/action_runner.h"

namespace sluice::actions {

/// An action under way.
struct ActionRunner::Open {
    QString id{};
    Action action{};
    Reply reply{};
    qint64 auditSeq{};
    QString seen{};  // what verified it

    // The walk through its steps
    qsizetype at{};
    QHash<QString, QString> outcomes{};  // of the steps that have ended, in words, by their ids
    QJsonObject answer{};                // what the steps add to the answer
    QJsonObject times{};                 // what steps wait or waited for, by their ids
    qint64 troubleSinceMs{};
    int troubles{};  // one after another
    bool carriedOn{false};
    bool begun{false};  // its steps, in this life or an earlier one

    QString aloneKey() const
    {
        return ActionRunner::aloneKey(action.aloneAs.isEmpty() ? action.method : action.aloneAs,
                                      action.objects);
    }
};

}  // namespace sluice::actions
