#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>
#include <memory>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "keys/key_authority.h"
#include "keys/key_vault.h"
#include "keys/role_book.h"

namespace sluice::keys {

/// A unit of a rotation, as a plan shows it.
struct RotationStep {
    QString id{};  ///< census, create, deliver, first-use, overlap, silent, revoke, prove
    QString title{};
    QString checkedBy{};
};

/// In their order. @param oldEntity empty: a first key, of create, deliver and first-use only
QList<RotationStep> rotationSteps(const QString& oldEntity, const QString& newEntity, qint64 overlapMs);

/// From which generation to which.
struct Course {
    int from{};  ///< 0: a first key
    int to{};
    bool takesOver{};  ///< the entity of `to` is there: an engine that lost its state made it
};

/// Where an earlier rotation was broken off, this one takes it up: with its unused key, or with the old key
/// that still works beside the current one.
/// @param existingEntities entities of the cluster, so that no number is used twice
/// @error FailedPrecondition: the role has no current key, somebody removed its entity, or more than two
/// generations are alive.
[[nodiscard]] Result<Course> courseOfRotation(const RoleKeys& role, const QStringList& existingEntities);
/// The first key of a role; takes over an existing "<entity>.g<N>" whose caps are equal to the configured
/// ones.
[[nodiscard]] Result<Course> courseOfFirstKey(const RoleKeys& role, const QStringList& existingEntities);
/// The role as a rotation begins with it: with the generation that it makes.
RoleKeys onCourse(RoleKeys role, const Course& course);

/// What a rotation needs from outside. All references must outlive the rotation.
struct RotationContext {
    KeyAuthority& authority;
    KeyVault& vault;
    HolderCensus holders;
    /// Makes the state durable, then calls done. An error means: nothing may be done.
    std::function<void(const QJsonObject& state, Callback<void> done)> save;
    const Clock& clock;
    qint64 lingerMs{60'000};   ///< sessions still live this long after the overlap are cut off
    qint64 blocklistS{7'200};  ///< longer than a ticket of the old key can live
};

/// What working on a step came to.
struct StepEnd {
    enum class Kind {
        Seen,       ///< done, and seen to be so
        AlreadySo,  ///< there was nothing to do
        Waits,      ///< not over: to be worked on again after a pause
        Back,       ///< an earlier step has to be done again
    };
    Kind kind{Kind::Seen};
    QString text{};
    QString backTo{};
};

/// The work of one rotation of a role's cephx key: a new entity with equal caps, a time in which both work,
/// then the end of the old one. Who walks through its steps does one at a time, in their order. It can be
/// dropped at any moment (kill -9 included) and made anew from what was saved: every step reads before it
/// acts, and is harmless when done twice. It never takes the last live key.
/// @thread one thread with an event loop. The state holds names, never keys.
class Rotation final {
public:
    using Acted = Callback<StepEnd>;

    /// @pre role has both generations; see onCourse
    Rotation(RoleKeys role, int from, int to, RotationContext context);
    ~Rotation();
    Rotation(const Rotation&) = delete;
    Rotation& operator=(const Rotation&) = delete;

    /// Takes over what an earlier life saved. @param overlapEndsMs 0: its overlap was not begun
    void resume(const QJsonObject& saved, qint64 overlapEndsMs);
    /// Works on one step. An error that may pass, as actions::mayPass says, is met by asking again.
    void act(const QString& step, Acted done);
    /// Until when both keys work, wall clock; from the first call on.
    qint64 overlapEnds();

    int from() const { return m_from; }
    int to() const { return m_to; }
    const RoleKeys& role() const { return m_role; }
    /// {role, cutOff}: all that resume needs, with the role's generations.
    QJsonObject toJson() const;

private:
    void actCensus();
    void actCreate();
    void createWith(const Caps& expected);
    void storeKey(const Caps& expected, const CreatedKey& made);
    void actDeliver();
    void seeDelivered(const QString& path, const QByteArray& key);
    void actFirstUse();
    void actOverlap();
    void actSilent();
    void actRevoke();
    void proveNewKey(std::function<void()> next);
    void removeOld(const QStringList& addresses);
    void blocklistOld(QStringList addresses);
    void blocklistNext(const QStringList& addresses, int done);
    void actProve();

    Generation& oldOne() { return *m_role.generation(m_from); }
    Generation& newOne() { return *m_role.generation(m_to); }
    /// Makes the present state durable, then goes on; without that nothing is done.
    void saved(std::function<void()> next);
    void finish(const QString& text, StepEnd::Kind kind = StepEnd::Kind::Seen);
    void goTo(const QString& stepId, const QString& text);
    void again(const QString& text);
    void failStep(const Error& error);

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

    RoleKeys m_role;
    int m_from{};
    int m_to{};
    RotationContext m_context;
    Acted m_done;
    qint64 m_overlapEndsMs{};
    QStringList m_cutOff;  ///< addresses with a session of the old key, noted before the entity is removed
    bool m_removed{};      ///< the old entity, by this object
    int m_refusals{};      ///< answers of the cluster that are not the awaited one
    std::shared_ptr<int> m_alive;
};

}  // namespace sluice::keys
