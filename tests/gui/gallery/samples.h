#pragma once

#include <QtCore/QList>
#include <QtWidgets/QVBoxLayout>
#include <QtWidgets/QWidget>

#include "ui/widgets/dag_node.h"

namespace sluice::gallery {

/// A pane of the page's colour with a column layout.
inline QWidget* pane(int width, int height)
{
    auto* widget = new QWidget;
    widget->setBackgroundRole(QPalette::Base);
    widget->setAutoFillBackground(true);
    widget->resize(width, height);
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    return widget;
}

inline QVBoxLayout* columnOf(QWidget* widget)
{
    return static_cast<QVBoxLayout*>(widget->layout());
}

/// A nightly run with one stalled task.
QList<widgets::DagNode> nightlyRun();
/// Layers of many equal tasks, partly done, with two failures.
QList<widgets::DagNode> wideRun(int width, int layers);

/// 2026-11-19 03:14:08 UTC
inline constexpr qint64 kNowMs = 1'795'058'048'000;

}  // namespace sluice::gallery
