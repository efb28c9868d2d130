#include "follow_action.h"

#include <QtCore/QJsonArray>
#include <optional>

#include "core/visible_text.h"
#include "words.h"

namespace sluice::ctl {
namespace {

std::optional<ExitCode> exitCodeOfAction(const QString& state)
{
    static const QStringList worked{QStringLiteral("done"), QStringLiteral("already so"),
                                    QStringLiteral("not needed"), QStringLiteral("verified")};
    if (worked.contains(state)) {
        return ExitCode::Ok;
    }
    if (state == QLatin1String("failed")) {
        return ExitCode::Failed;
    }
    const bool unknown = state == QLatin1String("not verified") || state == QLatin1String("outcome unknown");
    return unknown ? std::optional(ExitCode::NotProven) : std::nullopt;
}

/// An action that the engine does not show for this long is one it does not know any more.
constexpr int kUnknownMs = 10'000;

}  // namespace

FollowAction::FollowAction(Context& context, const QString& action, Then then)
    : QObject(&context), m_context(context), m_id(action), m_then(std::move(then))
{
    m_unknown.setSingleShot(true);
    connect(&m_unknown, &QTimer::timeout, this, [this] {
        m_context.explain(Error{.code = ErrorCode::OutcomeUnknown,
                                .message = QStringLiteral("What became of %1 is not known").arg(m_id),
                                .cause = QStringLiteral("the engine does not show this action"),
                                .correction = QStringLiteral("Look into the record: sluicectl audit list."),
                                .source = QStringLiteral("sluicectl")});
        end(ExitCode::NotProven, {});
    });
    m_unknown.start(kUnknownMs);
    context.setUnderWay(action);
    context.client().subscribe(
        {.topic = QStringLiteral("actions"), .filter = {{"id", action}}}, this,
        [this](const rpc::TopicChange& change) {
            // An engine that was started again may know nothing of it.
            const bool gone = (change.reset && change.upserts.isEmpty()) || change.removed.contains(m_id);
            if (gone && !m_ended && !m_unknown.isActive()) {
                m_unknown.start();
            }
            for (const QJsonObject& row : change.upserts) {
                this->action(m_context.json() ? row : visibleRow(row));
            }
        },
        [this](const Error& error) {
            // It was begun; that it cannot be watched says nothing about how it ends.
            m_context.explain(error);
            end(ExitCode::NotProven, {});
        });
}

void FollowAction::action(const QJsonObject& row)
{
    m_unknown.stop();
    if (m_outcome) {
        return;
    }
    sayStepsOf(row);
    const std::optional<ExitCode> code = exitCodeOfAction(row["state"].toString());
    if (!code) {
        say(row);
        return;
    }
    m_outcome = true;
    say(row);
    end(*code, row);
}

void FollowAction::say(const QJsonObject& row)
{
    const QString state = row["state"].toString();
    const QString line = QStringLiteral("%1 %2%3").arg(
        m_id, state,
        row["detail"].toString().isEmpty() ? QString() : QStringLiteral(": ") + row["detail"].toString());
    if (line != m_lastLine && !m_ended) {
        m_lastLine = line;
        if (!m_context.json()) {
            m_context.print(line + '\n');
        }
    }
}

/// One line per news of a step. An action of one step says all in its own line.
void FollowAction::sayStepsOf(const QJsonObject& row)
{
    const QJsonArray steps = row["steps"].toArray();
    if (row["stepsTotal"].toInt() < 2) {
        return;
    }
    for (const QJsonValue& value : steps) {
        const QJsonObject step = value.toObject();
        const QString state = step["state"].toString();
        const QString key = step["id"].toString() + state;
        if (state == QLatin1String("waiting") || m_steps.contains(key) || m_ended || m_context.json()) {
            continue;
        }
        m_steps.insert(key);
        const QString detail = step["detail"].toString();
        m_context.print(QStringLiteral("  %1  %2%3\n")
                            .arg(state.leftJustified(8), step["title"].toString(),
                                 detail.isEmpty() ? QString() : QStringLiteral(": ") + detail));
    }
}

void FollowAction::end(ExitCode code, const QJsonObject& row)
{
    if (!m_ended) {
        m_ended = true;
        m_unknown.stop();
        m_context.setUnderWay({});
        m_then(code, row);
    }
}

}  // namespace sluice::ctl
