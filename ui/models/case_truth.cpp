#include "ui/models/case_truth.h"

#include <algorithm>

#include "ui/models/freshness.h"
#include "ui/models/texts.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::models {
namespace {

using session::arr;
using session::num;
using session::str;

constexpr qint64 kEvidenceStaleAfterMs = 15'000;

bool restsOnOldEvidence(const session::Session& session, const QJsonObject& finding)
{
    const QJsonArray evidence = arr(finding, u"evidence");
    return std::any_of(evidence.begin(), evidence.end(), [&session](const QJsonValue& value) {
        const QJsonObject seen = value.toObject();
        const qint64 at = session::time(seen, u"observedAt");
        return at > 0 && session.nowMs() - at > evidenceStaleAfterMs(session, seen);
    });
}

QJsonObject withoutTones(QJsonObject caseRow)
{
    QJsonArray chain = arr(caseRow, u"chain");
    for (qsizetype i = 0; i < chain.size(); ++i) {
        QJsonObject link = chain[i].toObject();
        link[QStringLiteral("tone")] = QStringLiteral("neutral");
        chain[i] = link;
    }
    caseRow[QStringLiteral("chain")] = chain;
    return caseRow;
}

}  // namespace

bool isDecided(const QJsonObject& caseRow)
{
    const QString phase = str(caseRow, u"phase");
    return phase == QLatin1String("carry out") || phase == QLatin1String("verify") ||
           phase == QLatin1String("closed");
}

qint64 evidenceStaleAfterMs(const session::Session& session, const QJsonObject& evidence)
{
    const QJsonObject fact = session.fact(str(evidence, u"entity"));
    return std::max(kEvidenceStaleAfterMs, num(fact, u"staleAfterMs"));
}

QJsonObject caseOfNow(const session::Session& session, const QJsonObject& caseRow)
{
    const QString phase = str(caseRow, u"phase");
    const bool open = phase == QLatin1String("found") || phase == QLatin1String("cause named") ||
                      phase == QLatin1String("decide");
    if (!open) {
        // What was held up is no more; nothing of it is amber now.
        return phase == QLatin1String("closed") ? withoutTones(caseRow) : caseRow;
    }
    bool changed = false;
    QJsonArray findings = arr(caseRow, u"findings");
    for (qsizetype i = 0; i < findings.size(); ++i) {
        QJsonObject finding = findings[i].toObject();
        const QString verdict = str(finding, u"verdict");
        // A task that failed has failed; what it said then does not wear out.
        const bool lasts = str(finding, u"rule") == QLatin1String("R1");
        if (!lasts && verdict != QLatin1String("unknown") && restsOnOldEvidence(session, finding)) {
            finding[QStringLiteral("was")] = verdict;
            finding[QStringLiteral("verdict")] = QStringLiteral("unknown");
            findings[i] = finding;
            changed = true;
        }
    }
    if (!changed) {
        return caseRow;
    }
    QJsonObject now = caseRow;
    now[QStringLiteral("findings")] = findings;
    if (str(findings.first().toObject(), u"was") == QLatin1String("confirmed")) {
        now[QStringLiteral("summary")] =
            tr("Unknown now: the evidence got old. It was: %1").arg(str(caseRow, u"summary"));
        now = withoutTones(now);
    }
    return now;
}

}  // namespace sluice::models
