#pragma once

#include <QtCore/QList>
#include <QtCore/QString>

#include "ui/style/state_words.h"

namespace sluice::shell {

/// One thing the find field can lead to.
struct FindHit {
    /// What openRequested gets: "run", "task", "case", "entity", "page", "action".
    QString kind{};
    QString id{};
    QString title{};
    QString detail{};
    /// Shape before it; an icon's name when the state has no word.
    style::StateWord state{};
    QString icon{};
    /// Set: it cannot be chosen, and this is why.
    QString whyNot{};
};

/// What the find field searches.
class FindSource {
public:
    virtual ~FindSource() = default;
    /// Best first; quick, for it runs at every key. Without a text: what can be done and where one can go.
    virtual QList<FindHit> find(const QString& text, int limit) const = 0;
};

}  // namespace sluice::shell
