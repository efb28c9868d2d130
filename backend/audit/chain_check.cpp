#include "audit/chain_check.h"

#include <QtCore/QJsonDocument>

#include "core/canonical_json.h"

namespace sluice::audit {

void ChainCheck::accuse(qint64 seq, const QString& why)
{
    if (!m_decided) {
        m_decided = true;
        m_found.firstBadSeq = seq;
        m_found.why = why;
    }
}

void ChainCheck::settle(const QString& nextPrev)
{
    if (m_doubt == Doubt::Bytes) {
        accuse(m_last,
               nextPrev == m_lastSum
                   ? QStringLiteral("the stored hash of record %1 was changed").arg(m_last)
                   : QStringLiteral("the body of record %1 was changed: its bytes do not give its hash")
                         .arg(m_last));
    } else if (m_doubt == Doubt::Link && nextPrev == m_lastHash) {
        accuse(m_last - 1,
               QStringLiteral("record %1 was rewritten: the next one names another hash as its previous")
                   .arg(m_last - 1));
    } else if (m_doubt == Doubt::Link) {
        accuse(m_last, QStringLiteral("record %1 was rewritten: its previous hash is not that of record %2")
                           .arg(m_last)
                           .arg(m_last - 1));
    }
    m_doubt = Doubt::None;
}

bool ChainCheck::feed(qint64 seq, const QByteArray& body, const QString& hash)
{
    const QJsonObject json = QJsonDocument::fromJson(body).object();
    const QString prev = json["prev"].toString();
    settle(prev);
    if (!m_decided && seq > m_last + 1) {
        accuse(m_last + 1, seq == m_last + 2
                               ? QStringLiteral("record %1 is missing").arg(m_last + 1)
                               : QStringLiteral("records %1 to %2 are missing").arg(m_last + 1).arg(seq - 1));
    }
    if (!m_decided && seq < 1) {
        accuse(seq, QStringLiteral("record %1 was planted: the log's own numbers begin at 1").arg(seq));
    }
    if (!m_decided && seq <= m_last) {
        accuse(seq, QStringLiteral("record %1 is out of order: it follows record %2").arg(seq).arg(m_last));
    }
    if (m_decided) {
        return false;
    }
    const QString sum = sha256Of(body);
    if (sum != hash) {
        m_doubt = Doubt::Bytes;
    } else if (json["seq"].toInteger() != seq) {
        accuse(seq,
               QStringLiteral("record %1 is out of order: in its place lies what was written as record %2")
                   .arg(seq)
                   .arg(json["seq"].toInteger()));
    } else if (prev != m_lastHash && seq == 1) {
        accuse(seq, QStringLiteral("record 1 was rewritten: it names a record before it"));
    } else if (prev != m_lastHash) {
        m_doubt = Doubt::Link;
    } else if (m_known && m_known->seq == seq && m_known->hash != hash) {
        accuse(seq, QStringLiteral("record %1 was rewritten: state.db keeps another hash for it").arg(seq));
    } else if (m_kept && m_kept->seq == seq && m_kept->hash != hash) {
        accuse(seq,
               QStringLiteral("record %1 was rewritten: the head file keeps another hash for it").arg(seq));
    }
    m_last = seq;
    m_lastHash = hash;
    m_lastSum = sum;
    ++m_found.records;
    return !m_decided;
}

void ChainCheck::unreadable(const QString& why)
{
    settle({});
    accuse(m_last + 1, QStringLiteral("record %1 cannot be read: %2").arg(m_last + 1).arg(why));
}

void ChainCheck::checkEnd(const std::optional<Head>& inside)
{
    settle(inside ? inside->hash : QString());
    if (m_decided) {
        return;
    }
    const qint64 expected = std::max(inside ? inside->seq : 0, m_kept ? m_kept->seq : 0);
    if (expected > m_last) {
        accuse(m_last + 1, QStringLiteral("the log was cut off: records %1 to %2 are missing at its end")
                               .arg(m_last + 1)
                               .arg(expected));
    } else if (!inside && m_last == 0 && m_hadRecords) {
        accuse(1, QStringLiteral("the log was emptied: it has kept records before"));
    } else if (!inside) {
        if (m_last > 0) {
            accuse(0, QStringLiteral("the log has lost its head row"));
        }
    } else if (inside->seq < m_last) {
        accuse(inside->seq + 1,
               QStringLiteral("record %1 was added behind the head of the log").arg(inside->seq + 1));
    } else if (inside->hash != m_lastHash) {
        accuse(m_last,
               QStringLiteral("record %1 was rewritten: the head of the log is another hash").arg(m_last));
    } else if (!m_damage.isEmpty()) {
        accuse(0, QStringLiteral("the file is damaged, though every record can be read: %1").arg(m_damage));
    }
}

AuditLog::Verification ChainCheck::finish(const std::optional<Head>& inside)
{
    checkEnd(inside);
    m_found.ok = !m_decided;
    m_found.head = m_lastHash;
    if (m_found.ok && !m_kept && m_last > 0) {
        m_found.why =
            QStringLiteral("there is no head file, so a cut at the end of the log would not be seen");
    }
    return m_found;
}

}  // namespace sluice::audit
