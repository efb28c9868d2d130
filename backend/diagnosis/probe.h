#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <functional>
#include <optional>

#include "core/error.h"
#include "diagnosis/fact_source.h"
#include "diagnosis/task_view.h"

namespace sluice::diagnosis {

/// One question to the connector of `connection`. Its answer is put into ProbedFacts.
struct Probe {
    QString method{};
    QString connection{};
    QJsonObject params{};
    /// Whoever sends it adds, as parameter `key`, the secret that the secret store has for this entity;
    /// without one the question is not asked. Empty: no secret is wanted.
    QString keyOf{};

    /// The same question is asked once, whoever wants the answer.
    QString id() const;
};

/// What a connector can be asked for fresh evidence, a row of a table: for which tasks, and what facts an
/// answer or an error is.
struct ProbeKind {
    using Ask = std::function<QList<Probe>(const TaskView& task, const FactSource& facts)>;

    QString method{};
    /// What to ask at once; `facts` are what is known before. Empty: nothing.
    Ask ask{};
    /// What to ask when the first answers are in, which `facts` hold then. Empty: nothing.
    Ask askAfter{};
    /// Facts of an answer; id, source and time are added to each. Empty: the estate gets them another way.
    std::function<QList<Fact>(const Probe& probe, const QJsonObject& reply)> facts{};
    /// The fact that an error is, if it is an answer. Without one it is kept as what went wrong.
    std::function<std::optional<Fact>(const Probe& probe, const Error& error)> errorFact{};
};

}  // namespace sluice::diagnosis
