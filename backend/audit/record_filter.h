#pragma once

#include <QtCore/QByteArrayMatcher>
#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <vector>

#include "audit/record.h"
#include "core/error.h"

namespace sluice::audit {

/// Which records are looked for; what is empty asks for nothing. Case does not count.
struct RecordFilter {
    QString by{};      ///< the principal, by its whole name
    QString run{};     ///< touches that run, or started it: "R-4"
    QString object{};  ///< touches that object, or one below it: "vega/ceph-pool" has "vega/ceph-pool/train"
    QString action{};  ///< that method, or one of that group: "keys" has "keys.rotate"
    QStringList outcomes{};  ///< any of these
    qint64 sinceMs{};        ///< not before that
    qint64 untilMs{};        ///< before that
    QString text{};          ///< each word, or "phrase in quotes", stands somewhere in the record

    bool isEmpty() const { return *this == RecordFilter{}; }
    bool operator==(const RecordFilter&) const = default;
    /// Members as in audit.list of the protocol. @error InvalidArgument: a time that is none
    static Result<RecordFilter> fromJson(const QJsonObject& json);
};

/// What a record is found by, each text at most `longest` characters: person, run, objects, action, outcome.
QStringList termsOf(const Record& record, qsizetype longest);
/// Of the terms that are stored.
inline constexpr qsizetype kTermLength = 200;

/// A filter made ready to be applied to many records.
class RecordMatcher {
public:
    explicit RecordMatcher(const RecordFilter& filter);

    bool matches(const Record& record) const;

    enum class Guess { No, Yes, Unsure };
    /// What the stored bytes tell without being read as JSON. `termsFound`: the stored terms fit.
    Guess guess(const QByteArray& body, const QString& hash, bool termsFound) const;

    /// For each member that is asked for, the stored terms of which a record has at least one.
    const QList<QStringList>& terms() const { return m_stored; }
    /// The stored terms alone tell whether a record matches.
    bool byTermsAlone() const { return m_exact && m_words.empty() && m_sinceMs == 0 && m_untilMs == 0; }

private:
    struct Word {
        QString text{};
        bool plain{};  ///< ASCII that stands in the bytes as it is
        QByteArrayMatcher matcher{};
    };
    bool inTime(qint64 atMs) const
    {
        return (m_sinceMs == 0 || atMs >= m_sinceMs) && (m_untilMs == 0 || atMs < m_untilMs);
    }

    QList<QStringList> m_wanted{};
    QList<QStringList> m_stored{};
    bool m_exact{true};
    qint64 m_sinceMs{};
    qint64 m_untilMs{};
    std::vector<Word> m_words{};
};

}  // namespace sluice::audit
