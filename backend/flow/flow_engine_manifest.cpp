// The part of FlowEngine that keeps and tells what a run has put where.
#include <algorithm>

#include "flow/flow_engine.h"
#include "model/object_name.h"
#include "store/manifest.h"

namespace sluice::flow {
namespace {

/// Names are asked of one task after the other; each answers for those in its own destination.
struct Search {
    model::Location base{};
    QList<Destination> places{};
    QStringList left{};
    AttemptSink::Names done{};
};

/// Everything where the location lies.
model::Location storeOf(model::Location location)
{
    location.path.clear();
    location.prefix.clear();
    return location;
}

/// The name in one folder as a name in the other, both on the wire; nothing if it lies outside.
std::optional<QString> between(const model::Location& from, const model::Location& to, const QString& onWire)
{
    const bool file = from.type == model::Location::Type::File;
    const QString fromStart = file ? from.path + '/' : from.prefix;
    const QString toStart = file ? to.path + '/' : to.prefix;
    const QString whole = fromStart + model::nameFromWire(onWire);
    if (!model::liesWithin(storeOf(from), storeOf(to)) || !whole.startsWith(toStart)) {
        return std::nullopt;
    }
    return model::nameOnWire(whole.mid(toStart.size()));
}

void searchNext(store::Manifest* manifest, QObject* context, const std::shared_ptr<Search>& search)
{
    if (search->places.isEmpty() || search->left.isEmpty()) {
        search->done(search->left);
        return;
    }
    const Destination place = search->places.takeFirst();
    QHash<QString, QString> asked;  // as it is named there, and here
    QStringList outside;
    for (const QString& name : std::as_const(search->left)) {
        if (const auto there = between(search->base, place.to, name)) {
            asked.insert(*there, name);
        } else {
            outside.append(name);
        }
    }
    manifest->missing(place.task, asked.keys(), context, [=](const Result<QStringList>& missing) {
        if (!missing) {
            search->done(fail(missing.error()));
            return;
        }
        search->left = outside;
        for (const QString& name : *missing) {
            search->left.append(asked.value(name));
        }
        searchNext(manifest, context, search);
    });
}

/// The tasks of a run that put something into that place, or around it.
QList<Destination> destinationsAt(const Run& run, const model::Location& base)
{
    QList<Destination> found;
    for (const Task& task : run.tasks) {
        const auto to = task.destination();
        if (to && (liesWithin(*to, base) || liesWithin(base, *to))) {
            found.append({.task = task.name, .to = *to});
        }
    }
    return found;
}

}  // namespace

QStringList FlowEngine::lostManifests() const
{
    QStringList lost;
    for (const auto& [number, run] : m_runs) {
        const bool began = std::any_of(run->tasks.begin(), run->tasks.end(), [](const Task& task) {
            return task.traits().keepsManifest && task.figures.objectsDone > 0;
        });
        if (run->endedAtMs == 0 && began && !m_manifests.exists(number)) {
            lost.append(run->id);
        }
    }
    return lost;
}

QList<store::ManifestHolding> FlowEngine::holdingsOf(qint64 number) const
{
    QList<store::ManifestHolding> holdings;
    const auto it = m_runs.find(number);
    if (it == m_runs.end()) {
        return holdings;
    }
    for (const Task& task : it->second->tasks) {
        if (task.traits().keepsManifest && task.state == model::TaskState::Done &&
            task.figures.objectsDone > 0) {
            holdings.append({.task = task.name, .objects = task.figures.objectsDone});
        }
    }
    return holdings;
}

void FlowEngine::commit(const AttemptKey& key, QList<store::ManifestEntry> entries, Acknowledge done)
{
    if (!current(key)) {
        done(fail(fencedOff()));
        return;
    }
    const QString task = find(key.run)->tasks[static_cast<size_t>(key.task)].name;
    for (store::ManifestEntry& entry : entries) {
        entry.task = task;
        entry.fence = key.fence;
    }
    m_manifests.with(key.run,
                     [this, task, entries = std::move(entries), done](Result<store::Manifest*> manifest) {
                         if (!manifest) {
                             done(fail(manifest.error()));
                             return;
                         }
                         (*manifest)->commit(task, entries, this, done);
                     });
}

void FlowEngine::lookup(const AttemptKey& key, const QStringList& names, Entries done)
{
    if (!current(key)) {
        done(fail(fencedOff()));
        return;
    }
    const QString task = find(key.run)->tasks[static_cast<size_t>(key.task)].name;
    m_manifests.with(key.run, [this, task, names, done](Result<store::Manifest*> manifest) {
        if (!manifest) {
            done(fail(manifest.error()));
        } else {
            (*manifest)->lookup(task, names, this, done);
        }
    });
}

void FlowEngine::page(const AttemptKey& key, const QString& ofTask, const QString& after, int limit,
                      Entries done)
{
    if (!current(key)) {
        done(fail(fencedOff()));
        return;
    }
    m_manifests.with(key.run, [this, ofTask, after, limit, done](Result<store::Manifest*> manifest) {
        if (!manifest) {
            done(fail(manifest.error()));
        } else {
            (*manifest)->page(ofTask, after, limit, this, done);
        }
    });
}

void FlowEngine::strangers(const AttemptKey& key, const QString& ofTask, const QStringList& names, Names done)
{
    if (!current(key)) {
        done(fail(fencedOff()));
        return;
    }
    auto search = std::make_shared<Search>(Search{.left = names, .done = std::move(done)});
    Task& asking = *current(key);
    const Run& run = *find(key.run);
    search->base =
        run.tasks[static_cast<size_t>(run.index.value(ofTask))].destination().value_or(model::Location());
    if (asking.live && asking.live->destinations.isEmpty()) {
        asking.live->destinations = destinationsAt(run, search->base);
    }
    search->places = asking.live ? asking.live->destinations : destinationsAt(run, search->base);
    m_manifests.with(key.run, [this, search](Result<store::Manifest*> manifest) {
        if (manifest) {
            searchNext(*manifest, this, search);
        } else {
            search->done(fail(manifest.error()));
        }
    });
}

}  // namespace sluice::flow
