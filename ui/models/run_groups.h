#pragma once

#include <QtCore/QAbstractListModel>
#include <QtCore/QHash>
#include <QtCore/QStringList>

namespace sluice::session {
class LiveRows;
class Ticker;
}  // namespace sluice::session

namespace sluice::models {

/// The runs as a side list: heads (not selectable) and runs below them, exceptions first: stalled, failed,
/// running, ended. Empty groups have no head. Roles: session::Role; DisplayRole is the flow's name, NoteRole
/// the run's id.
/// @thread main loop
class RunGroups final : public QAbstractListModel {
    Q_OBJECT

public:
    /// Both outlive the model.
    RunGroups(session::LiveRows& runs, session::Ticker& ticker, QObject* parent = nullptr);

    /// Keeps runs whose flow, id or state contains every word.
    void setSearch(const QString& text);
    /// @return invalid if the run is not shown
    QModelIndex indexOf(const QString& run) const;
    /// The first run of the list; empty if there is none.
    QString firstRun() const;
    /// How many runs are shown, heads not counted.
    int shownRuns() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    void refresh(const QStringList& upserted);
    QStringList wanted();
    bool accepts(const QString& id) const;

    session::LiveRows& m_runs;
    session::Ticker& m_ticker;
    QStringList m_words{};
    /// Run ids, and heads as "group:stalled".
    QStringList m_keys{};
    QHash<QString, int> m_counts{};
};

}  // namespace sluice::models
