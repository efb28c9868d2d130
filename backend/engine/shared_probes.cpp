#include "engine/shared_probes.h"

#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <utility>

#include "engine/key_service.h"

namespace sluice::engine {
namespace {

/// Half of what a fact is evidence for: it must still be one when the last run has been judged by it.
constexpr qint64 kUsefulMs = diagnosis::kFreshMs / 2;

}  // namespace

SharedProbes::SharedProbes(connect::Link& link, const KeyService& keys, keys::KeyVault& vault,
                           const Clock& clock, QObject* parent)
    : QObject(parent), m_link(link), m_keys(keys), m_vault(vault), m_clock(clock)
{
}

void SharedProbes::forget()
{
    m_questions.removeIf([](const auto& question) { return !question->open; });
}

const SharedProbes::Answer* SharedProbes::answer(const diagnosis::Probe& probe) const
{
    const auto found = m_questions.constFind(probe.id());
    const bool useful =
        found != m_questions.constEnd() && found->answer && m_clock.nowMs() - found->answer->atMs < kUsefulMs;
    return useful ? &*found->answer : nullptr;
}

void SharedProbes::ask(const diagnosis::Probe& probe, int deadlineMs, bool anew, Answered answered)
{
    Question& question = m_questions[probe.id()];
    if (question.open) {
        question.waiting.append(std::move(answered));
        return;
    }
    if (!anew && answer(probe)) {
        QTimer::singleShot(0, this, std::move(answered));
        return;
    }
    question = {.open = true, .number = ++m_number, .waiting = {std::move(answered)}};
    if (probe.keyOf.isEmpty()) {
        send(probe, probe.params, deadlineMs, m_number);
    } else {
        sendWithKey(probe, deadlineMs, m_number);
    }
}

void SharedProbes::send(const diagnosis::Probe& probe, const QJsonObject& params, int deadlineMs,
                        quint64 number)
{
    m_link.call(
        probe.connection, probe.method, params, deadlineMs, false,
        [guard = QPointer<SharedProbes>(this), id = probe.id(), number](const Result<QJsonObject>& reply) {
            if (guard) {
                guard->close(id, number, Answer{.reply = reply, .atMs = guard->m_clock.nowMs()});
            }
        });
}

void SharedProbes::sendWithKey(const diagnosis::Probe& probe, int deadlineMs, quint64 number)
{
    const QString secretName = m_keys.secretNameOf(probe.keyOf);
    if (secretName.isEmpty()) {
        QTimer::singleShot(0, this, [this, id = probe.id(), number] { close(id, number, std::nullopt); });
        return;
    }
    m_vault.get(secretName, [guard = QPointer<SharedProbes>(this), probe, deadlineMs,
                             number](const Result<QByteArray>& key) {
        if (!guard) {
            return;
        }
        if (!key) {
            guard->close(probe.id(), number,
                         Answer{.reply = fail(key.error()), .atMs = guard->m_clock.nowMs()});
            return;
        }
        QJsonObject params = probe.params;
        params["key"] = QString::fromLatin1(key->trimmed());
        guard->send(probe, params, deadlineMs, number);
    });
}

void SharedProbes::close(const QString& id, quint64 number, std::optional<Answer> answer)
{
    const auto found = m_questions.find(id);
    if (found == m_questions.end() || !found->open || found->number != number) {
        return;
    }
    const QList<Answered> waiting = std::exchange(found->waiting, {});
    found->open = false;
    found->answer = std::move(answer);
    for (const Answered& answered : waiting) {
        answered();
    }
}

}  // namespace sluice::engine
