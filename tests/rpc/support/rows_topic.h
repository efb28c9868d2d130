#pragma once

#include <QtCore/QElapsedTimer>
#include <QtCore/QHash>
#include <QtCore/QStringList>

#include "core/live_topic.h"

namespace sluice::test {

/// A topic whose rows the test sets. Counts how often a row was encoded.
class RowsTopic : public LiveTopic {
    Q_OBJECT

public:
    explicit RowsTopic(QString name, QObject* parent = nullptr) : LiveTopic(parent), m_name(std::move(name))
    {
    }

    QString name() const override { return m_name; }
    QStringList ids() const override { return m_ids; }
    QJsonObject row(const QString& id) const override
    {
        ++m_encoded;
        QElapsedTimer work;
        work.start();
        while (work.elapsed() < busyMs) {
        }
        return m_rows.value(id);
    }

    /// Sets rows (each with its "id"); new ones go to the end, or to `at`.
    void set(const QList<QJsonObject>& rows, qsizetype at = -1);
    void remove(const QStringList& ids);
    /// Moves a row to another place, saying only that it changed.
    void move(qsizetype from, qsizetype to);
    int encoded() const { return m_encoded; }
    /// So long one row takes.
    int busyMs{0};

private:
    QString m_name;
    QStringList m_ids;
    QHash<QString, QJsonObject> m_rows;
    mutable int m_encoded{0};
};

}  // namespace sluice::test
