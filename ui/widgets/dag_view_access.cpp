// What a screen reader sees of the graph: one part for each visible task.
#include <algorithm>

#include "ui/style/state_words.h"
#include "ui/widgets/dag_view.h"
#include "ui/widgets/dag_view_private.h"

namespace sluice::widgets {

using namespace style;

int DagView::partCount() const
{
    d->refreshVisible();
    return int(d->visible.size());
}

QRect DagView::partRect(int part) const
{
    return part < int(d->visible.size())
               ? d->camera().toView(d->scene->nodeRect(d->visible[size_t(part)])).toAlignedRect()
               : QRect();
}

QString DagView::partName(int part) const
{
    if (part < 0 || part >= int(d->visible.size())) {
        return {};
    }
    const int node = d->visible[size_t(part)];
    const DagNode& data = d->scene->node(node);
    const QString word = stateWord(Domain::Task, data.state).word;
    QString name = data.name + QStringLiteral(", ");
    name += data.detail.startsWith(word) ? data.detail
            : data.detail.isEmpty()      ? word
                                         : word + QStringLiteral(", ") + data.detail;
    const int behind = d->scene->waitingBehind(node);
    return d->scene->isException(node) && behind > 0 ? name + tr(", %n tasks behind", nullptr, behind) : name;
}

int DagView::currentPart() const
{
    const int own = d->scene != nullptr ? d->scene->indexOf(d->current) : -1;
    const auto it = std::find(d->visible.cbegin(), d->visible.cend(), own);
    return own < 0 || it == d->visible.cend() ? -1 : int(it - d->visible.cbegin());
}

void DagView::setCurrentPart(int part)
{
    d->setCurrent(part >= 0 && part < int(d->visible.size()) ? d->visible[size_t(part)] : -1);
}

void DagView::activatePart(int part)
{
    if (part >= 0 && part < int(d->visible.size())) {
        Q_EMIT nodeActivated(d->scene->node(d->visible[size_t(part)]).id);
    }
}

QList<std::pair<Tone, QString>> DagView::behindLegend() const
{
    QList<std::pair<Tone, QString>> legend;
    if (d->scene != nullptr && d->scene->anyBehind(Tone::Warn)) {
        legend.append({Tone::Warn, tr("waits behind the stalled task")});
    }
    if (d->scene != nullptr && d->scene->anyBehind(Tone::Crit)) {
        legend.append({Tone::Crit, tr("waits behind the failed task")});
    }
    return legend;
}

}  // namespace sluice::widgets
