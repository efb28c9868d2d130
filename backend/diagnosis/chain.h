#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::diagnosis {

class RuleBook;
class Scene;
struct Finding;

/// One card of the way from the task to the cause. `kind`: task, object, report, unknown, or a kind of the
/// rule that found the cause. `tone`: ok, progress, warn, crit, neutral.
struct ChainLink {
    QString kind{};
    QString title{};
    QStringList lines{};
    QString tone{};

    QJsonObject toJson() const;
};

/// A cause that takes one card, told by the finding itself.
ChainLink plainCard(const QString& kind, const QString& tone, const Finding& cause);

/// The way from the task to its cause, two to four cards. `cause` is the first confirmed finding, or null:
/// then `unknowns` tell what was not seen.
/// @param looked a rule had something to say
QList<ChainLink> chainFor(const RuleBook& rules, const Scene& scene, const Finding* cause,
                          const QStringList& unknowns, bool looked);

}  // namespace sluice::diagnosis
