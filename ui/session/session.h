#pragma once

#include <QtCore/QHash>
#include <QtCore/QMap>
#include <QtCore/QObject>

#include "ui/session/engine_client.h"
#include "ui/session/live_rows.h"
#include "ui/session/ticker.h"

namespace sluice::session {

/// What the pages share: the client, one copy of each topic, and the time.
/// @thread main loop
class Session : public QObject {
    Q_OBJECT

public:
    /// Both outlive the session.
    Session(EngineClient& client, const Clock& clock, QObject* parent = nullptr);

    EngineClient& client() { return m_client; }
    Ticker& ticker() { return m_ticker; }
    qint64 nowMs() const { return m_ticker.nowMs(); }

    LiveRows& engine() { return *m_engine; }
    /// What the pages draw of the estate: a window for each group of kinds, so that connections, health and
    /// quorums are there however much there is of others.
    LiveRows& estate() { return *m_estate; }
    /// How many facts the engine holds in all.
    qint64 estateTotal() const { return m_estateSize->total(); }
    /// What the engine says of the kinds of entities, by kind; empty until it has said it.
    const QMap<QString, QJsonObject>& kinds() const { return m_kinds; }
    /// Kinds for which the window has no drawing of its own and the engine says that they are worth a table.
    QStringList listedKinds() const { return m_listed.keys(); }
    /// The first rows of such a kind, of all connections.
    LiveRows* listed(const QString& kind) const { return m_listed.value(kind); }
    /// A window of rows of such a kind of one connection, for a table.
    LiveRows* listedOf(const QString& kind, const QString& connection, QObject* parent);
    static constexpr int kListedRows = 200;
    LiveRows& runs() { return *m_runs; }
    const LiveRows& runs() const { return *m_runs; }
    LiveRows& cases() { return *m_cases; }
    LiveRows& roles() { return *m_roles; }
    LiveRows& actions() { return *m_actions; }
    LiveRows& audit() { return *m_audit; }
    /// Tasks of one run; subscribed on first use, the few last used runs are kept.
    LiveRows& tasks(const QString& run);
    /// Tasks of all runs that wait for a person's approval.
    LiveRows& gates() { return *m_gates; }
    const LiveRows& gates() const { return *m_gates; }

    /// The engine's own row; empty before it was heard of.
    QJsonObject engineRow() const;
    /// The row of `kind` of a connection whose name is the connection's, e.g. ("vega", "health").
    QJsonObject estateRow(const QString& connection, const QString& kind, const QString& name = {}) const;
    /// The estate row of that id; empty if there is none.
    QJsonObject fact(const QString& id) const { return m_estate->row(id); }
    /// Estate rows of one kind, of all connections if `connection` is empty.
    QList<QJsonObject> estateOf(const QString& kind, const QString& connection = {}) const;
    /// The open case of a run; empty if there is none.
    QJsonObject openCaseOf(const QString& run) const;
    /// Open cases, newest first.
    QList<QJsonObject> openCases() const;
    /// Names of the connections, in the engine's order.
    QStringList connections() const;

    /// Why nothing may be changed now; empty if changes are possible. In words for a person.
    /// @param connection empty: any
    QString whyNoChanges(const QString& connection = {}) const;
    /// The engine's own files that are not what they should be.
    QStringList filesInDoubt() const;
    /// What is wrong with one of them; empty if nothing.
    QString doubtAbout(const QString& file) const;
    /// What to do, where accepting the files as they are is not possible; else empty.
    QString correctionOfDoubt() const;

Q_SIGNALS:
    /// Kinds came, or rows of listed kinds changed.
    void listedChanged();

private:
    void askForKinds();
    void takeKinds(const QJsonObject& answer);

    EngineClient& m_client;
    Ticker m_ticker;
    LiveRows* m_engine{};
    LiveRows* m_estate{};
    LiveRows* m_estateSize{};
    QMap<QString, QJsonObject> m_kinds{};
    QMap<QString, LiveRows*> m_listed{};
    LiveRows* m_runs{};
    LiveRows* m_cases{};
    LiveRows* m_roles{};
    LiveRows* m_actions{};
    LiveRows* m_audit{};
    LiveRows* m_gates{};
    QHash<QString, LiveRows*> m_tasks{};
    QStringList m_tasksUsed{};
};

}  // namespace sluice::session
