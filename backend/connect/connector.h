#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "connect/link.h"
#include "core/error.h"
#include "estate/estate.h"

namespace sluice::diagnosis {
class FactSource;
}
namespace sluice::keys {
class KeyAuthority;
}

namespace sluice::connect {

/// What a connector was told at once.
struct Observation {
    QList<estate::Entity> entities{};
    /// Kinds of which `entities` are all there are: others of that kind are gone. Of other kinds they are a
    /// part.
    QStringList complete{};
};

/// The facts of a connection's own row (kind `connection`): {type, state: starting|up|degraded|down,
/// lastContactAt, staleAfterMs, error?, …}, and when they were seen.
struct Status {
    QJsonObject facts{};
    qint64 observedAtMs{};
    QString source{"sluiced"};
};

/// One connection of the configuration, as the engine sees it: it tells what it observes and, if it can,
/// carries calls. It never waits on the main loop.
/// @thread main loop only
class Connector : public QObject {
    Q_OBJECT

public:
    explicit Connector(QString connection, QObject* parent = nullptr);
    ~Connector() override;

    const QString& connection() const { return m_connection; }

    /// Blocking; at start only: what an earlier life kept.
    virtual Result<void> load() { return {}; }
    virtual void start() = 0;
    /// stopped() comes after that, at most three seconds later; maybe at once.
    virtual void stop() = 0;

    /// As Link::call. The default takes no calls: NotFound.
    virtual void call(const QString& method, const QJsonObject& params, int deadlineMs, bool mutating,
                      Link::Reply reply);
    /// As Link::mayAct. The default is only watched: FailedPrecondition.
    virtual Result<void> mayAct() const;
    /// As Link::isLeader.
    virtual Result<void> isLeader() const { return mayAct(); }

    virtual Status status() const = 0;
    /// Shape: {availability: {word, why}, redundancy: {word, why}, posture: {word, count, why}}. The default
    /// is that of one instance, by its row.
    virtual QJsonObject healthWords(const diagnosis::FactSource& facts, qint64 nowMs) const;
    /// Kinds of facts that change the health words at once.
    virtual QStringList healthKinds() const { return {}; }

Q_SIGNALS:
    void observed(const sluice::connect::Observation& observation);
    /// status() gives something new.
    void statusChanged();
    void stopped();

private:
    QString m_connection;
};

}  // namespace sluice::connect
