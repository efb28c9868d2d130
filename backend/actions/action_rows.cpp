#include "actions/action_rows.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "actions/action.h"

namespace sluice::actions {
namespace {

constexpr qsizetype kRowsKept = 200;

/// What is said of an action or a step besides its state: why it did not work, or what was seen of it.
QString detailOf(const audit::Record& record)
{
    const Error error = Error::fromJson(record.detail["error"].toObject());
    return error.message.isEmpty() ? record.detail["by"].toString() : error.toLine();
}

bool isIntent(const audit::Record& record)
{
    return record.outcome == QLatin1String("intent");
}

QString stateOf(const QString& outcome)
{
    return outcome == QLatin1String("intent")  ? QStringLiteral("running")
           : outcome == QLatin1String("waits") ? QStringLiteral("waiting")
                                               : outcome;
}

/// As planned; an action without a plan that is shown has its steps beside.
QJsonArray stepsIn(const QJsonObject& detail)
{
    const QJsonArray planned = detail["plan"].toObject()["steps"].toArray();
    return planned.isEmpty() ? detail["steps"].toArray() : planned;
}

QString keyOf(const QString& requestId, const QString& method)
{
    return requestId + ' ' + method;
}

}  // namespace

QStringList ActionRows::ids() const
{
    QStringList result;
    for (const QJsonObject& row : m_rows) {
        result.append(row["id"].toString());
    }
    return result;
}

QJsonObject* ActionRows::find(const QString& id)
{
    for (QJsonObject& row : m_rows) {
        if (row["id"].toString() == id) {
            return &row;
        }
    }
    return nullptr;
}

QJsonObject ActionRows::full(const QString& id) const
{
    const QJsonObject* row = const_cast<ActionRows*>(this)->find(id);
    return row ? *row : QJsonObject();
}

QJsonObject ActionRows::row(const QString& id) const
{
    QJsonObject row = full(id);
    if (row.isEmpty()) {
        return row;
    }
    row.remove("plan");
    const QJsonArray steps = row["steps"].toArray();
    int ended = 0;
    for (const QJsonValue& step : steps) {
        ended += endsIt(step["state"].toString()) ? 1 : 0;
    }
    row["stepsTotal"] = steps.size();
    row["stepsEnded"] = ended;
    if (steps.size() > kStepsShown) {
        QJsonArray shown;
        const qsizetype first =
            qBound(qsizetype{0}, qsizetype{ended - kStepsShown / 2}, steps.size() - kStepsShown);
        for (qsizetype i = first; i < first + kStepsShown; ++i) {
            shown.append(steps[i]);
        }
        row["steps"] = shown;
    }
    return row;
}

QString ActionRows::idOf(const QString& requestId, const QString& method) const
{
    return m_byRequest.value(keyOf(requestId, method));
}

QStringList ActionRows::put(const QString& id, const QJsonObject& members)
{
    QJsonObject* row = find(id);
    if (!row) {
        m_rows.prepend(QJsonObject{{"id", id}, {"steps", QJsonArray()}});
        row = &m_rows.first();
    }
    for (auto it = members.begin(); it != members.end(); ++it) {
        if (it.key() == QLatin1String("requestId")) {
            m_byRequest.insert(keyOf(it->toString(), members["action"].toString()), id);
        } else {
            row->insert(it.key(), it.value());
        }
    }
    QStringList removed;
    // One under way is followed by somebody, however many have ended since it began.
    for (qsizetype i = m_rows.size() - 1; i >= 0 && m_rows.size() > kRowsKept; --i) {
        if (endsIt(m_rows[i]["state"].toString())) {
            removed.append(m_rows.takeAt(i)["id"].toString());
        }
    }
    if (!removed.isEmpty()) {
        m_byRequest.removeIf([&removed](const QHash<QString, QString>::iterator& known) {
            return removed.contains(known.value());
        });
    }
    return removed;
}

QJsonArray ActionRows::waiting(const QJsonArray& planned)
{
    QJsonArray steps;
    for (const QJsonValue& value : planned) {
        QJsonObject step = value.toObject();
        step["state"] = QStringLiteral("waiting");
        step["detail"] = QString();
        step["at"] = QString();
        steps.append(step);
    }
    return steps;
}

bool ActionRows::setStep(const QString& id, const QString& step, const QString& state, const QString& detail,
                         const QString& at)
{
    QJsonObject* row = find(id);
    if (!row) {
        return false;
    }
    QJsonArray steps = (*row)["steps"].toArray();
    for (qsizetype i = 0; i < steps.size(); ++i) {
        if (QJsonObject one = steps.at(i).toObject(); one["id"] == step) {
            one["state"] = state;
            one["detail"] = detail;
            one["at"] = at;
            steps[i] = one;
            (*row)["steps"] = steps;
            return true;
        }
    }
    return false;
}

bool ActionRows::tellStep(const QString& id, const QString& step, const QString& state, const QString& detail,
                          const QString& at)
{
    const QJsonArray steps = full(id)["steps"].toArray();
    const bool told = std::any_of(steps.begin(), steps.end(), [&](const QJsonValue& one) {
        return one["id"] == step && one["state"] == state && one["detail"] == detail;
    });
    return !told && setStep(id, step, state, detail, at);
}

void ActionRows::takeSteps(const QString& id, const QJsonArray& steps)
{
    const auto idsOf = [](const QJsonArray& list) {
        QStringList ids;
        for (const QJsonValue& step : list) {
            ids.append(step["id"].toString());
        }
        return ids;
    };
    if (QJsonObject* row = find(id); row && idsOf((*row)["steps"].toArray()) != idsOf(steps)) {
        (*row)["steps"] = steps;
    }
}

void ActionRows::endStep(const QString& id, const QString& step, const QString& outcome)
{
    const QJsonArray steps = full(id)["steps"].toArray();
    for (const QJsonValue& one : steps) {
        if (one["id"] == step && one["state"].toString() != outcome) {
            setStep(id, step, outcome, {}, {});
        }
    }
}

QStringList ActionRows::restore(const QList<audit::Record>& records, const QStringList& carriedOn)
{
    QList<QJsonObject> rows;
    QHash<QString, audit::Record> outcomes;
    QHash<QString, QList<audit::Record>> steps;
    const QStringList present = ids();
    for (const audit::Record& record : records) {
        const QString id = record.detail["actionId"].toString();
        const QString key = keyOf(record.requestId, record.action);
        if (record.detail.contains("step")) {
            steps[record.requestId].prepend(record);
            continue;
        }
        if (!isIntent(record)) {
            if (!outcomes.contains(key) && (!id.isEmpty() || endsIt(record.outcome))) {
                outcomes.insert(key, record);
            }
            continue;
        }
        if (id.isEmpty() || present.contains(id) || rows.size() + m_rows.size() >= kRowsKept) {
            continue;
        }
        const bool over = outcomes.contains(key) && endsIt(outcomes.value(key).outcome);
        const audit::Record last = outcomes.value(key, record);
        const bool goesOn = !over && carriedOn.contains(id);
        rows.append(
            {{"id", id},
             {"at", record.time},
             {"action", record.action},
             {"title", record.detail["title"].toString()},
             {"class", record.actionClass},
             {"principal", record.principal},
             {"reason", record.reason},
             {"objects", QJsonArray::fromStringList(record.objects)},
             {"plan", record.detail["plan"].toObject()},
             {"steps", waiting(stepsIn(record.detail))},
             {"state", over     ? last.outcome
                       : goesOn ? QStringLiteral("executing")
                                : toString(Outcome::Unknown)},
             {"detail", over     ? detailOf(last)
                        : goesOn ? QStringLiteral("the engine ended in the middle of it; it is carried on")
                                 : QStringLiteral("the engine ended before it was over")},
             {"endedAt", over ? last.time : QString()},
             {"auditSeq", last.seq}});
        m_byRequest.insert(key, id);
    }
    QStringList added;
    m_rows += rows;
    for (const QJsonObject& row : std::as_const(rows)) {
        added.append(row["id"].toString());
    }
    for (const QList<audit::Record>& ofOne : std::as_const(steps)) {
        for (const audit::Record& record : ofOne) {
            const QString id = record.detail["actionId"].toString();
            if (added.contains(id)) {
                setStep(id, record.detail["step"].toString(), stateOf(record.outcome), detailOf(record),
                        record.time);
            }
        }
    }
    for (const QString& id : std::as_const(added)) {
        // The records of an action of one step are those of the step.
        const QJsonObject row = full(id);
        const QJsonArray own = row["steps"].toArray();
        if (own.size() == 1) {
            setStep(id, own[0].toObject()["id"].toString(), row["state"].toString(), row["detail"].toString(),
                    row["endedAt"].toString());
        }
        // Nothing runs in an action that is over.
        for (const QJsonValue& step : own) {
            if (own.size() > 1 && endsIt(row["state"].toString()) &&
                step["state"].toString() == QLatin1String("running")) {
                setStep(id, step["id"].toString(), toString(Outcome::Unknown), row["detail"].toString(),
                        step["at"].toString());
            }
        }
    }
    return added;
}

QString ActionRows::follow(const audit::Record& record)
{
    const QString step = record.detail["step"].toString();
    if (!step.isEmpty()) {
        const QString id = record.detail["actionId"].toString();
        return setStep(id, step, stateOf(record.outcome), detailOf(record), record.time) ? id : QString();
    }
    const QString id = idOf(record.requestId, record.action);
    QJsonObject* row = id.isEmpty() ? nullptr : find(id);
    if (!row) {
        return {};
    }
    const bool over = endsIt(record.outcome);
    row->insert("state", over ? record.outcome : QStringLiteral("executing"));
    row->insert("detail", detailOf(record));
    row->insert("endedAt", over ? record.time : QString());
    row->insert("auditSeq", record.seq);
    return id;
}

}  // namespace sluice::actions
