#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <functional>
#include <memory>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "keys/key_authority.h"
#include "keys/key_vault.h"
#include "keys/role_book.h"

namespace sluice::keys {

enum class RotationState { Running, Done, Failed, Stopped };
enum class StepState { Waiting, Running, Done, Failed };

QString toString(RotationState state);
QString toString(StepState state);

struct RotationStep {
    QString id{};  ///< census, create, deliver, first-use, overlap, silent, revoke, prove
    QString title{};
    QString checkedBy{};
    StepState state{StepState::Waiting};
    QString detail{};
    qint64 atMs{};
};

/// What a rotation needs from outside. All references must outlive the rotation.
struct RotationContext {
    KeyAuthority& authority;
    KeyVault& vault;
    HolderCensus holders;
    /// Makes the state durable, then calls done. An error means: nothing may be done.
    std::function<void(const QJsonObject& state, Callback<void> done)> save;
    const Clock& clock;
    int retryMs{1'000};        ///< first pause after a failure that may pass; doubles up to 30 times this
    int pollMs{1'000};         ///< how often overlap and silence are looked at
    qint64 lingerMs{60'000};   ///< sessions still live this long after the overlap are cut off
    qint64 blocklistS{7'200};  ///< longer than a ticket of the old key can live
};

/// One rotation of a role's cephx key: a new entity with equal caps, a time in which both work, then the end
/// of the old one. It can be dropped at any moment (kill -9 included) and goes on from the last saved state:
/// every step reads before it acts, and is harmless when done twice. It never takes the last live key. With
/// `from` = 0 it makes a role's first key: create, deliver, first-use only.
/// @thread one thread with an event loop. The state and the rows hold names, never keys.
class Rotation final : public QObject {
    Q_OBJECT

public:
    /// Where an earlier rotation was broken off, this one takes it up: with its unused key, or with the old
    /// key that still works beside the current one.
    /// @param existingEntities entities of the cluster, so that no number is used twice
    /// @error FailedPrecondition: the role has no current key, somebody removed its entity, or more than two
    /// generations
    ///        are alive.
    [[nodiscard]] static Result<std::unique_ptr<Rotation>> begin(const QString& id, const RoleKeys& role,
                                                                 const QStringList& existingEntities,
                                                                 RotationContext context);
    /// The first key of a role; takes over an existing "<entity>.g<N>" whose caps are equal to the configured
    /// ones.
    [[nodiscard]] static Result<std::unique_ptr<Rotation>> first(const QString& id, const RoleKeys& role,
                                                                 const QStringList& existingEntities,
                                                                 RotationContext context);
    /// Goes on from a saved state; `spec` comes from the configuration.
    /// @error InvalidArgument: not a state of this program.
    [[nodiscard]] static Result<std::unique_ptr<Rotation>> fromJson(const QJsonObject& state,
                                                                    const RoleSpec& spec,
                                                                    RotationContext context);
    ~Rotation() override;

    /// Starts or goes on, also after stop() or a failed step.
    void run();
    /// No further effect after the one under way; run() goes on.
    void stop();

    QString id() const { return m_id; }
    RotationState state() const { return m_state; }
    int from() const { return m_from; }
    int to() const { return m_to; }
    const RoleKeys& role() const { return m_role; }
    const QList<RotationStep>& steps() const { return m_steps; }
    /// Why it failed; without a message if it did not.
    const Error& error() const { return m_error; }

    /// {id, state, from, to, startedAt, steps: [{id, title, state, detail, checkedBy, at}]} of the topic
    /// `roles`.
    QJsonObject rowJson() const;
    /// All that fromJson needs, with the role's generations.
    QJsonObject toJson() const;

Q_SIGNALS:
    /// A row or a generation changed; role() and rowJson() are new.
    void changed();
    /// Each time it has come to a halt: Done, Failed or Stopped, and that is written down.
    void ended();

private:
    Rotation(QString id, RoleKeys role, int from, int to, RotationContext context);

    void makeSteps();
    void enter();
    void act();
    void actCensus();
    void actCreate();
    void createWith(const Caps& expected);
    void storeKey(const Caps& expected, const QByteArray& key);
    void actDeliver();
    void actFirstUse();
    void actOverlap();
    void actSilent();
    void actRevoke();
    void proveNewKey(std::function<void()> next);
    void removeOld(const QStringList& addresses);
    void blocklistOld(QStringList addresses);
    void blocklistNext(const QStringList& addresses, int done);
    void actProve();

    RotationStep& step() { return m_steps[m_at]; }
    Generation& oldOne() { return *m_role.generation(m_from); }
    Generation& newOne() { return *m_role.generation(m_to); }
    /// Makes the present state durable, then goes on; without that nothing is done.
    void saved(std::function<void()> next);
    void finishStep(const QString& detail);
    void goTo(const QString& stepId, const QString& detail);
    /// Looks again after a pause.
    void again(int ms, const QString& detail);
    /// A failure that may pass is met again later; any other fails the step.
    void trouble(const Error& error);
    void failStep(const Error& error);
    void halt(RotationState state);

    /// Wraps a callback so that it does nothing once the rotation is gone.
    template <typename F>
    auto guarded(F function)
    {
        return [alive = std::weak_ptr<int>(m_alive), function = std::move(function)](auto&&... arguments) {
            if (!alive.expired()) {
                function(std::forward<decltype(arguments)>(arguments)...);
            }
        };
    }

    QString m_id;
    RoleKeys m_role;
    int m_from{};
    int m_to{};
    RotationContext m_context;
    RotationState m_state{RotationState::Stopped};
    QList<RotationStep> m_steps;
    int m_at{};
    qint64 m_startedAtMs{};
    qint64 m_overlapEndsMs{};
    QStringList m_cutOff;  ///< addresses with a session of the old key, noted before the entity is removed
    bool m_active{};       ///< a step is being worked on or waited for
    bool m_stopAsked{};
    bool m_runAsked{};  ///< while it comes to a halt
    int m_tries{};      ///< without an answer; they may go on for hours
    int m_refusals{};   ///< answers of the cluster that are not the awaited one
    Error m_error;
    QTimer m_timer;
    std::shared_ptr<int> m_alive;
};

}  // namespace sluice::keys
