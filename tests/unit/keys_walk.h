#pragma once

#include <QtCore/QPointer>

#include "tests/unit/keys_fake.h"

/// Who walks through the steps of a rotation, as the runner of actions does, with every record and every note
/// of it a call of the world that can fail or be the last.
namespace sluice::keys::test {

enum class WalkState { Waiting, Running, Done, Failed };

inline QString toString(WalkState state)
{
    return QStringList{"waiting", "running", "done", "failed"}.at(static_cast<int>(state));
}

struct WalkedStep {
    RotationStep step{};
    WalkState state{WalkState::Waiting};
    StepEnd::Kind end{StepEnd::Kind::Seen};
    QString detail{};
    qint64 atMs{};
};

class Walk final : public QObject {
public:
    Walk(World& world, std::unique_ptr<Rotation> rotation, int at, const QJsonObject& times)
        : m_world(world), m_rotation(std::move(rotation)), m_at(at), m_times(times)
    {
        const auto entity = [this](int number) {
            const Generation* one = m_rotation->role().generation(number);
            return one ? one->entity : QString();
        };
        for (const RotationStep& step : rotationSteps(entity(m_rotation->from()), entity(m_rotation->to()),
                                                      m_rotation->role().spec.overlapMs)) {
            m_steps.append({.step = step});
            m_steps.last().state = m_steps.size() <= at ? WalkState::Done : WalkState::Waiting;
        }
    }

    void run() { begin(); }
    WalkState state() const { return m_state; }
    bool over() const { return m_state == WalkState::Done || m_state == WalkState::Failed; }
    const QList<WalkedStep>& steps() const { return m_steps; }
    const Error& error() const { return m_error; }
    const RoleKeys& role() const { return m_rotation->role(); }
    int from() const { return m_rotation->from(); }
    int to() const { return m_rotation->to(); }

private:
    WalkedStep& now() { return m_steps[m_at]; }
    void note(const QString& what, std::function<void()> then, bool needed)
    {
        m_world.call<void>(
            what,
            [this, what]() -> Result<void> {
                if (what == "keep") {
                    m_world.durable["at"] = m_at;
                    m_world.durable["times"] = m_times;
                    m_world.durable["state"] = m_at == m_steps.size() ? "done" : "running";
                }
                return {};
            },
            [=, this, self = QPointer<Walk>(this)](const Result<void>& noted) {
                if (self && (noted || !needed)) {
                    then();
                } else if (self) {
                    note(what, then, needed);
                }
            },
            true);
    }
    void begin()
    {
        if (m_at == m_steps.size()) {
            note(
                "keep", [this] { m_state = WalkState::Done; }, true);
            return;
        }
        now().state = WalkState::Running;
        now().atMs = m_world.clock.now;
        note(
            "record", [this] { awaitTime(); }, true);
    }
    void awaitTime()
    {
        if (now().step.id != "overlap") {
            act();
        } else if (!m_times.contains("overlap")) {
            m_times["overlap"] = m_rotation->overlapEnds();
            note(
                "keep", [this] { awaitTime(); }, true);
        } else if (const qint64 until = m_times["overlap"].toInteger(); m_world.clock.now < until) {
            now().detail = "both keys work until " + toRfc3339(until);
            QTimer::singleShot(0, this, [this] { awaitTime(); });
        } else {
            act();
        }
    }
    void act()
    {
        m_rotation->act(now().step.id, [this](const Result<StepEnd>& end) {
            if (!end) {
                failed(end.error());
            } else if (end->kind == StepEnd::Kind::Waits) {
                now().detail = end->text;
                QTimer::singleShot(0, this, [this] { act(); });
            } else if (end->kind == StepEnd::Kind::Back) {
                goBack(*end);
            } else {
                now().state = WalkState::Done;
                now().end = end->kind;
                now().detail = end->text;
                now().atMs = m_world.clock.now;
                note(
                    "record",
                    [this] {
                        ++m_at;
                        note(
                            "keep", [this] { begin(); }, false);
                    },
                    false);
            }
        });
    }
    void goBack(const StepEnd& end)
    {
        do {
            now().state = WalkState::Waiting;
            now().detail.clear();
        } while (now().step.id != end.backTo && --m_at >= 0);
        note(
            "keep", [this] { begin(); }, true);
    }
    void failed(const Error& error)
    {
        if (error.retryable || error.code == ErrorCode::Unavailable ||
            error.code == ErrorCode::DeadlineExceeded || error.code == ErrorCode::OutcomeUnknown) {
            now().detail = error.toLine();
            QTimer::singleShot(0, this, [this] { act(); });
            return;
        }
        now().state = WalkState::Failed;
        now().detail = error.toLine();
        m_error = error;
        m_state = WalkState::Failed;
    }

    World& m_world;
    std::unique_ptr<Rotation> m_rotation;
    int m_at{};
    QJsonObject m_times;
    WalkState m_state{WalkState::Running};
    QList<WalkedStep> m_steps;
    Error m_error;
};

/// A program that runs one rotation in the world, can die and be started again.
class Program {
public:
    explicit Program(World& world) : m_world(world), m_authority(world), m_vault(world)
    {
        m_world.onDeath = [this] { m_walk.reset(); };
    }
    ~Program()
    {
        m_world.onDeath = [] {};
    }

    RotationContext context()
    {
        return {.authority = m_authority,
                .vault = m_vault,
                .holders = [this](const QString&,
                                  int generation) { return generation == 1 ? m_world.holdersOfOld : 0; },
                .save =
                    [this](const QJsonObject& state, Callback<void> done) {
                        m_world.call<void>(
                            "save",
                            [this, state]() -> Result<void> {
                                m_world.durable["work"] = state;
                                return {};
                            },
                            std::move(done), true);
                    },
                .clock = m_world.clock,
                .lingerMs = 5'000};
    }
    void begin(const RoleKeys& role) { start(role, courseOfRotation(role, m_world.entities.keys())); }
    void first(const RoleKeys& role) { start(role, courseOfFirstKey(role, m_world.entities.keys())); }
    /// As after kill -9: only what was durable is known.
    void resume()
    {
        m_walk.reset();
        m_world.dead = false;
        const QJsonObject kept = QJsonDocument::fromJson(QJsonDocument(m_world.durable).toJson()).object();
        RoleKeys role{.spec = ingestSpec()};
        role.restore(kept["work"]["role"].toObject());
        auto rotation = std::make_unique<Rotation>(role, kept["from"].toInt(), kept["to"].toInt(), context());
        rotation->resume(kept["work"].toObject(), kept["times"]["overlap"].toInteger());
        m_walk = std::make_unique<Walk>(m_world, std::move(rotation), kept["at"].toInt(),
                                        kept["times"].toObject());
        m_walk->run();
    }
    /// A person asks for it once more, after it failed.
    void again()
    {
        const RoleKeys left = m_walk->role();
        m_walk->from() > 0 ? begin(left) : first(left);
    }
    Walk* operator->() { return m_walk.get(); }
    explicit operator bool() const { return m_walk != nullptr; }
    bool over() const { return m_world.dead || (m_walk && m_walk->over()); }
    /// Turns the loop until the rotation is over or dead, or `until` holds. Time goes on by `stepMs` a turn.
    bool turn(const std::function<bool()>& until = {}, qint64 stepMs = 50)
    {
        for (int i = 0; i < 20'000; ++i) {
            if (until ? until() : over()) {
                return true;
            }
            m_world.clock.now += stepMs;
            QCoreApplication::processEvents(QEventLoop::AllEvents);
        }
        return false;
    }

private:
    void start(const RoleKeys& role, const Result<Course>& course)
    {
        if (!course) {
            qFatal("%s", qPrintable(course.error().toLine()));
        }
        auto rotation =
            std::make_unique<Rotation>(onCourse(role, *course), course->from, course->to, context());
        m_world.durable = {{"from", course->from}, {"to", course->to}, {"work", rotation->toJson()}};
        m_walk = std::make_unique<Walk>(m_world, std::move(rotation), 0, QJsonObject());
        m_walk->run();
    }

    World& m_world;
    FakeAuthority m_authority;
    FakeVault m_vault;
    std::unique_ptr<Walk> m_walk;
};

}  // namespace sluice::keys::test
