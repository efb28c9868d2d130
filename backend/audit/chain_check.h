#pragma once

#include <QtCore/QByteArray>
#include <optional>

#include "audit/audit_log.h"
#include "audit/head_file.h"

namespace sluice::audit {

/// Walks along a chain, record by record, and settles on the first bad one.
/// A link that does not fit accuses two records; the one after them tells which: whoever it confirms is good.
class ChainCheck {
public:
    /// `kept`: the furthest head that lies outside the log, if there is one. `known`: what state.db keeps.
    explicit ChainCheck(std::optional<Head> kept, std::optional<Head> known = {})
        : m_kept(std::move(kept)), m_known(std::move(known))
    {
    }

    /// Records come in the order of their stored numbers. @return false if there is no need to go on
    bool feed(qint64 seq, const QByteArray& body, const QString& hash);
    /// The file could not be read further.
    void unreadable(const QString& why);
    /// The file is damaged somewhere; the records are checked all the same.
    void remark(const QString& damage) { m_damage = damage; }
    /// Records were kept here once, whatever is left of them.
    void hadRecords() { m_hadRecords = true; }
    /// `inside`: the head that the log itself keeps.
    AuditLog::Verification finish(const std::optional<Head>& inside);

private:
    enum class Doubt { None, Bytes, Link };

    void settle(const QString& nextPrev);
    void accuse(qint64 seq, const QString& why);
    void checkEnd(const std::optional<Head>& inside);

    std::optional<Head> m_kept;
    std::optional<Head> m_known;
    AuditLog::Verification m_found{};
    bool m_decided{false};
    qint64 m_last{0};
    QString m_lastHash{noPrevious()};
    QString m_lastSum{noPrevious()};  // hash of the bytes of the last record
    Doubt m_doubt{Doubt::None};       // about the last record
    QString m_damage{};
    bool m_hadRecords{false};
};

}  // namespace sluice::audit
