#include "ui/session/session.h"

#include <QtCore/QJsonArray>
#include <algorithm>

#include "ui/session/row.h"

namespace sluice::session {
namespace {

constexpr qsizetype kRunsKept = 8;

/// The kinds that the pages draw, in groups that never cut each other off.
const QList<QStringList>& drawnKinds()
{
    static const QList<QStringList> kKinds{{"connection", "health"},
                                           {"cluster", "mon-quorum", "pg-summary"},
                                           {"mon"},
                                           {"gateway", "gateway-write"},
                                           {"health-check"},
                                           {"osd"},
                                           {"ceph-pool"},
                                           {"auth-entity"},
                                           {"lock", "object-pg"}};
    return kKinds;
}

bool isDrawn(const QString& kind)
{
    return std::any_of(drawnKinds().begin(), drawnKinds().end(),
                       [&kind](const QStringList& kinds) { return kinds.contains(kind); });
}

QList<Wanted> drawnWindows()
{
    QList<Wanted> windows;
    for (const QStringList& kinds : drawnKinds()) {
        windows.append({.topic = QStringLiteral("estate"),
                        .filter = {{QStringLiteral("kind"), QJsonArray::fromStringList(kinds)}}});
    }
    return windows;
}

}  // namespace

Session::Session(EngineClient& client, const Clock& clock, QObject* parent)
    : QObject(parent), m_client(client), m_ticker(clock)
{
    const auto rows = [this](const char* topic) {
        return new LiveRows(m_client, QString::fromLatin1(topic), {}, this);
    };
    m_engine = rows("engine");
    m_estate = new LiveRows(m_client, drawnWindows(), this);
    m_estateSize = new LiveRows(m_client, {Wanted{.topic = QStringLiteral("estate"), .limit = 1}}, this);
    m_runs = rows("runs");
    m_cases = rows("cases");
    m_roles = rows("roles");
    m_actions = rows("actions");
    m_audit = rows("audit");
    m_gates = new LiveRows(
        m_client, QStringLiteral("tasks"),
        {{QStringLiteral("asksAPerson"), true}, {QStringLiteral("state"), QStringLiteral("ready")}}, this);
    connect(&m_client, &EngineClient::linkChanged, this, &Session::askForKinds);
    askForKinds();
}

void Session::askForKinds()
{
    if (m_client.link().state != LinkState::Connected) {
        return;
    }
    m_client.call(QStringLiteral("estate.kinds"), {}, this, [this](const Result<QJsonObject>& answer) {
        // An engine without them has no kinds but those that are drawn; one that gave no answer is asked
        // again when it is reached again.
        if (answer || answer.error().code == ErrorCode::NotFound) {
            takeKinds(answer.value_or(QJsonObject()));
        }
    });
}

void Session::takeKinds(const QJsonObject& answer)
{
    m_kinds.clear();
    QStringList wanted;
    const QJsonArray rows = arr(answer, u"kinds");
    for (const QJsonValue& value : rows) {
        const QJsonObject row = visibleRow(value.toObject());
        const QString kind = str(row, u"kind");
        m_kinds.insert(kind, row);
        if (row.value(QLatin1String("listed")).toBool() && !isDrawn(kind)) {
            wanted.append(kind);
        }
    }
    const QStringList known = m_listed.keys();
    for (const QString& kind : known) {
        if (!wanted.contains(kind)) {
            m_listed.take(kind)->deleteLater();
        }
    }
    for (const QString& kind : std::as_const(wanted)) {
        if (!m_listed.contains(kind)) {
            auto* list = new LiveRows(m_client,
                                      {Wanted{.topic = QStringLiteral("estate"),
                                              .filter = {{QStringLiteral("kind"), kind}},
                                              .limit = kListedRows}},
                                      this);
            connect(list, &LiveRows::changed, this, &Session::listedChanged);
            m_listed.insert(kind, list);
        }
    }
    Q_EMIT listedChanged();
}

LiveRows* Session::listedOf(const QString& kind, const QString& connection, QObject* parent)
{
    return new LiveRows(
        m_client,
        {Wanted{.topic = QStringLiteral("estate"),
                .filter = {{QStringLiteral("kind"), kind}, {QStringLiteral("connection"), connection}},
                .limit = kListedRows}},
        parent);
}

LiveRows& Session::tasks(const QString& run)
{
    m_tasksUsed.removeOne(run);
    m_tasksUsed.prepend(run);
    if (LiveRows* known = m_tasks.value(run)) {
        return *known;
    }
    while (m_tasksUsed.size() > kRunsKept) {
        if (LiveRows* old = m_tasks.take(m_tasksUsed.takeLast())) {
            old->deleteLater();
        }
    }
    auto* rows = new LiveRows(m_client, QStringLiteral("tasks"), {{QStringLiteral("run"), run}}, this);
    m_tasks.insert(run, rows);
    return *rows;
}

QJsonObject Session::engineRow() const
{
    return m_engine->row(QStringLiteral("engine"));
}

QJsonObject Session::estateRow(const QString& connection, const QString& kind, const QString& name) const
{
    return m_estate->row(connection + '/' + kind + '/' + (name.isEmpty() ? connection : name));
}

QList<QJsonObject> Session::estateOf(const QString& kind, const QString& connection) const
{
    QList<QJsonObject> list;
    for (const QString& id : m_estate->ids()) {
        const QJsonObject row = m_estate->row(id);
        if (str(row, u"kind") == kind && (connection.isEmpty() || str(row, u"connection") == connection)) {
            list.append(row);
        }
    }
    return list;
}

QList<QJsonObject> Session::openCases() const
{
    QList<QJsonObject> list;
    for (const QJsonObject& row : m_cases->rows()) {
        if (str(row, u"phase") != QLatin1String("closed")) {
            list.append(row);
        }
    }
    return list;
}

QJsonObject Session::openCaseOf(const QString& run) const
{
    for (const QJsonObject& row : openCases()) {
        if (str(row, u"run") == run || row["runs"].toArray().contains(run)) {
            return row;
        }
    }
    return {};
}

QStringList Session::connections() const
{
    QList<QJsonObject> rows = estateOf(QStringLiteral("connection"));
    // Clusters before what stands in front of them.
    std::stable_partition(rows.begin(), rows.end(), [](const QJsonObject& row) {
        return row["facts"].toObject()["type"].toString() == QLatin1String("ceph");
    });
    QStringList names;
    for (const QJsonObject& row : rows) {
        names.append(str(row, u"connection"));
    }
    return names;
}

QStringList Session::filesInDoubt() const
{
    QStringList files;
    for (const QJsonValue& finding : engineRow().value(QLatin1String("stateFindings")).toArray()) {
        files.append(finding[QLatin1String("file")].toString());
    }
    files.removeDuplicates();
    return files;
}

QString Session::doubtAbout(const QString& file) const
{
    for (const QJsonValue& finding : engineRow().value(QLatin1String("stateFindings")).toArray()) {
        if (finding[QLatin1String("file")].toString() == file) {
            return finding[QLatin1String("what")].toString();
        }
    }
    return {};
}

QString Session::correctionOfDoubt() const
{
    for (const QJsonValue& finding : engineRow().value(QLatin1String("stateFindings")).toArray()) {
        if (const QString correction = finding[QLatin1String("correction")].toString();
            !correction.isEmpty()) {
            return correction;
        }
    }
    return {};
}

QString Session::whyNoChanges(const QString& connection) const
{
    const Link link = m_client.link();
    if (link.state != LinkState::Connected) {
        return link.state == LinkState::Connecting
                   ? tr("The engine does not answer yet")
                   : tr("The engine has not been reachable since %1").arg(clockText(link.sinceMs));
    }
    const QString role = str(link.principal, u"role");
    if (role == QLatin1String("viewer")) {
        return tr("You are a viewer; changes need an operator");
    }
    const QJsonObject engine = engineRow();
    if (!engine.isEmpty() && !engine.value(QLatin1String("acting")).toBool(true)) {
        const QString why = str(engine, u"notActingWhy");
        return why.isEmpty() ? tr("The engine does not act now") : why;
    }
    if (!connection.isEmpty()) {
        const QJsonObject known = facts(estateRow(connection, QStringLiteral("connection")));
        if (!known.isEmpty() && !known.value(QLatin1String("canAct")).toBool(true)) {
            const QString why = str(known, u"whyNot");
            return why.isEmpty() ? tr("No changes on %1 now").arg(connection) : why;
        }
    }
    return {};
}

}  // namespace sluice::session
