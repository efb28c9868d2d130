#pragma once

#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::widgets {

/// One task in the graph.
struct DagNode {
    QString id{};
    QString name{};
    /// A state of style::Domain::Task.
    QString state{};
    /// The second line: "stalled 6 min 12 s", "running, 62 %".
    QString detail{};
    /// 0 to 1; negative: no bar.
    double fraction{-1};
    /// What is known of it is old.
    bool stale{false};
    QStringList needs{};

    bool operator==(const DagNode&) const = default;
};

}  // namespace sluice::widgets
