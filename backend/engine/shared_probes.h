#pragma once

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <functional>
#include <optional>

#include "connect/link.h"
#include "core/clock.h"
#include "diagnosis/probe.h"
#include "keys/key_vault.h"

namespace sluice::engine {

class KeyService;

/// Asks each question of diagnosis once for all runs that want to know: an outage that stalls a thousand of
/// them is asked about like one.
/// @thread main loop only
class SharedProbes final : public QObject {
    Q_OBJECT

public:
    struct Answer {
        Result<QJsonObject> reply{};
        qint64 atMs{};  ///< wall clock
    };
    using Answered = std::function<void()>;

    SharedProbes(connect::Link& link, const KeyService& keys, keys::KeyVault& vault, const Clock& clock,
                 QObject* parent = nullptr);

    /// What was answered before is not taken for an answer any more; what is being asked still is.
    void forget();
    /// What was answered since forget(), as long as it is of use as evidence; null: not yet, or it cannot be
    /// asked.
    const Answer* answer(const diagnosis::Probe& probe) const;
    /// Asks, unless it is being asked already or was answered since forget().
    /// @param anew an answer that is there already does not do
    /// @param answered called once and later, also when there is no answer to be had
    void ask(const diagnosis::Probe& probe, int deadlineMs, bool anew, Answered answered);

private:
    struct Question {
        bool open{};
        quint64 number{};
        std::optional<Answer> answer{};
        QList<Answered> waiting{};
    };

    void send(const diagnosis::Probe& probe, const QJsonObject& params, int deadlineMs, quint64 number);
    void sendWithKey(const diagnosis::Probe& probe, int deadlineMs, quint64 number);
    void close(const QString& id, quint64 number, std::optional<Answer> answer);

    connect::Link& m_link;
    const KeyService& m_keys;
    keys::KeyVault& m_vault;
    const Clock& m_clock;
    QHash<QString, Question> m_questions{};
    quint64 m_number{};
};

}  // namespace sluice::engine
