#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <functional>

#include "core/error.h"

namespace sluice::session {

enum class LinkState { Connecting, Connected, Lost };

/// The connection between this window and the engine.
struct Link {
    LinkState state{LinkState::Connecting};
    /// Wall clock, ms since the epoch: since when this state holds. For Lost: since when the engine is
    /// silent.
    qint64 sinceMs{};
    /// Why it is lost; meaningless in the other states.
    Error error{};
    /// Who I am, as the engine sees it: {name, role}.
    QJsonObject principal{};
    /// {name, colour, production}
    QJsonObject profile{};
};

/// Which rows of a topic: those that the filter leaves, and of them a window. `limit` 0: as many as the
/// engine gives.
struct Wanted {
    QString topic{};
    QJsonObject filter{};
    int offset{};
    int limit{};
};

/// Rows of one topic as they change: one snapshot, then deltas; a fresh snapshot after every gap or
/// reconnect. `total` counts the rows that the filter leaves, inside the window or not. Ends when it is
/// destroyed.
/// @thread main loop
class Subscription : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

Q_SIGNALS:
    void snapshot(const QList<QJsonObject>& rows, int total);
    /// @param order ids of the window in display order; empty when it did not change
    void delta(const QList<QJsonObject>& upserts, const QStringList& removed, const QStringList& order,
               int total);
    void failed(const sluice::Error& error);
    /// Asks for another window; a snapshot of it follows.
    void windowWanted(int offset, int limit);
};

/// The one door of the window into the engine.
/// @thread main loop
class EngineClient : public QObject {
    Q_OBJECT

public:
    using Reply = std::function<void(const Result<QJsonObject>&)>;
    /// What usual calls get.
    static constexpr int kCallTimeoutMs = 30'000;

    using QObject::QObject;

    virtual Link link() const = 0;

    /// Sends one call. `reply` is run once on the main loop, never before this returns, and not at all after
    /// `context` was destroyed.
    /// @error Unavailable: the engine was not reachable and nothing was sent. OutcomeUnknown: the link broke
    /// after a call with a `requestId` was sent. DeadlineExceeded: no answer within `timeoutMs`.
    virtual void call(const QString& method, const QJsonObject& params, QObject* context, Reply reply,
                      int timeoutMs = kCallTimeoutMs) = 0;

    /// A call that changes something: the same, with a `requestId` of its own.
    void change(const QString& method, QJsonObject params, QObject* context, Reply reply);

    /// The subscription survives a lost link and is renewed by itself.
    /// @return owned by `parent`
    [[nodiscard]] virtual Subscription* subscribe(const Wanted& wanted, QObject* parent) = 0;

Q_SIGNALS:
    void linkChanged();
};

}  // namespace sluice::session
