#include "actions/kept_actions.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <utility>

#include "core/log.h"
#include "store/database.h"
#include "store/row_reader.h"

namespace sluice::actions {

store::PartSchema KeptActions::schema()
{
    return {.part = QStringLiteral("actions"),
            .steps = {{.version = 1,
                       .statements = {QStringLiteral(
                           "CREATE TABLE action (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")}}}};
}

KeptActions::KeptActions(store::Database& database, QObject* parent) : QObject(parent), m_database(database)
{
}

Result<void> KeptActions::load()
{
    return m_database.readNow([this](store::Tx& tx) {
        return store::readRows(tx, m_database.file(), QStringLiteral("action"),
                               QStringLiteral("SELECT id, body FROM action"), {},
                               [this](store::RowReader& row) { m_left.insert(row.name(0), row.object(1)); });
    });
}

QHash<QString, QJsonObject> KeptActions::takeLeft()
{
    return std::exchange(m_left, {});
}

void KeptActions::adopt(const QString& id, const QJsonObject& body,
                        std::function<Result<void>(store::Tx&)> alongside)
{
    m_left.insert(id, body);
    const QString text = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
    m_database.write(
        [id, text, alongside = std::move(alongside)](store::Tx& tx) {
            auto written =
                tx.exec(QStringLiteral("INSERT OR REPLACE INTO action (id, body) VALUES (?, ?)"), {id, text});
            return written ? alongside(tx) : written;
        },
        this,
        [id](const Result<void>& kept) {
            // Then the next life finds it where it was.
            if (!kept) {
                log::warn("actions",
                          QStringLiteral("%1 is not taken over: %2").arg(id, kept.error().toLine()));
            }
        });
}

QHash<QString, QString> KeptActions::outcomesOf(const QJsonObject& body)
{
    QHash<QString, QString> outcomes;
    const QJsonArray planned = body["plan"]["steps"].toArray();
    const QJsonArray inOrder = body["outcomes"].toArray();
    for (qsizetype i = 0; i < qMin(inOrder.size(), planned.size()); ++i) {
        outcomes.insert(planned.at(i)["id"].toString(), inOrder.at(i).toString());
    }
    const QJsonObject ended = body["ended"].toObject();
    for (auto it = ended.begin(); it != ended.end(); ++it) {
        outcomes.insert(it.key(), it.value().toString());
    }
    return outcomes;
}

QJsonObject KeptActions::withOutcomes(QJsonObject body, const QHash<QString, QString>& outcomes)
{
    QJsonObject ended;
    for (auto it = outcomes.begin(); it != outcomes.end(); ++it) {
        ended[it.key()] = it.value();
    }
    body.remove(QStringLiteral("outcomes"));
    body["ended"] = ended;
    return body;
}

void KeptActions::keep(const QString& id, const QJsonObject& body, Done done)
{
    const QString text = QString::fromUtf8(QJsonDocument(body).toJson(QJsonDocument::Compact));
    m_database.write(
        [id, text](store::Tx& tx) {
            return tx.exec(QStringLiteral("INSERT OR REPLACE INTO action (id, body) VALUES (?, ?)"),
                           {id, text});
        },
        this, std::move(done));
}

void KeptActions::forget(const QString& id)
{
    m_database.write(
        [id](store::Tx& tx) { return tx.exec(QStringLiteral("DELETE FROM action WHERE id = ?"), {id}); },
        this,
        [id](const Result<void>& gone) {
            // Harmless: the next life finds every step ended.
            if (!gone) {
                log::warn("actions", QStringLiteral("%1 is still kept: %2").arg(id, gone.error().toLine()));
            }
        });
}

}  // namespace sluice::actions
