#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QObject>
#include <QtCore/QStringList>

namespace sluice {

/// A keyed, ordered set of rows that changes over time: what a client can subscribe to.
/// `revision()` grows with every announced change; rows are encoded on demand, so a topic of 100,000 rows
/// costs nothing until somebody looks at it.
/// @thread main loop only
class LiveTopic : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    virtual QString name() const = 0;
    /// Ids in display order.
    virtual QStringList ids() const = 0;
    /// Ids of the rows that match `filter`, in display order. Default: every id is held against it.
    virtual QStringList idsOf(const QJsonObject& filter) const;
    /// The display order is that of the ids: ascending, and no row ever moves.
    virtual bool isOrderedById() const { return false; }
    /// The row, always with its "id"; empty if there is none of that id.
    virtual QJsonObject row(const QString& id) const = 0;
    /// Default: every top-level member of `filter` equals the row's member; a filter value that is an array
    /// means any of these. Override where that can be answered without encoding the row.
    virtual bool matches(const QString& id, const QJsonObject& filter) const;

    quint64 revision() const { return m_revision; }

Q_SIGNALS:
    void changed(const QStringList& upserted, const QStringList& removed);

protected:
    void announce(const QStringList& upserted, const QStringList& removed = {});

private:
    quint64 m_revision{0};
};

}  // namespace sluice
