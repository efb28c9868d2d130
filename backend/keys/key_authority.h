#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <functional>
#include <optional>

#include "core/error.h"

namespace sluice::keys {

/// Caps by service: {"mon": "allow r", "osd": "allow rwx pool=train"}.
using Caps = QMap<QString, QString>;

template <typename T>
using Callback = std::function<void(Result<T>)>;

/// Same services and, word for word in order, the same caps; white space and commas only separate. Empty caps
/// equal absent ones.
bool sameCaps(const Caps& a, const Caps& b);
/// "mon 'allow r' osd 'allow rwx'", as a command takes them.
QString capsText(const Caps& caps);

struct CreatedKey {
    QByteArray key{};
    bool created{};  ///< false: the entity was there already, this is its key
};

struct LiveSession {
    QString mon{};
    QString entity{};
    QString client{};   ///< client.4123
    QString address{};  ///< address:port/nonce
};

/// Sessions of one entity over all monitors. Only if every monitor answered does "none" mean none.
struct SessionCensus {
    int monsAnswered{};
    int monsTotal{};
    QList<LiveSession> sessions{};

    bool complete() const { return monsTotal > 0 && monsAnswered == monsTotal; }
};

enum class ProbeOutcome {
    Accepted,
    Refused,      ///< the cluster answered and said no
    Unreachable,  ///< nobody answered: says nothing about the key
};

/// From the reply of the observe worker's key.probe {ok, error?}: an error of code PermissionDenied or
/// Unauthenticated is Refused, any other Unreachable.
ProbeOutcome probeOutcome(const QJsonObject& reply);

/// The cluster's keeper of keys. All calls answer exactly once, later, in the thread of the caller.
/// A call that changes something and timed out answers OutcomeUnknown and is read back, never repeated
/// blindly.
class KeyAuthority {
public:
    virtual ~KeyAuthority() = default;
    /// Makes the entity, or gives the key of the one there is if its caps are equal (else AlreadyExists).
    virtual void createEntity(const QString& entity, const Caps& caps, Callback<CreatedKey> callback) = 0;
    /// @return nullopt: there is no such entity
    virtual void capsOf(const QString& entity, Callback<std::optional<Caps>> callback) = 0;
    /// Removing what is not there is no error.
    virtual void removeEntity(const QString& entity, Callback<void> callback) = 0;
    virtual void sessionsOf(const QString& entity, Callback<SessionCensus> callback) = 0;
    virtual void blocklist(const QString& address, qint64 seconds, Callback<void> callback) = 0;
    /// Connects anew with that key.
    virtual void probe(const QString& entity, const QByteArray& key, Callback<ProbeOutcome> callback) = 0;
    /// What a person types to do it by hand.
    virtual QString removeCommand(const QString& entity) const = 0;
    virtual QString capsCommand(const QString& entity, const Caps& caps) const = 0;
};

}  // namespace sluice::keys
