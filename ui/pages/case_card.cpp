#include "ui/pages/case_card.h"

#include <QtWidgets/QBoxLayout>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/widgets/button.h"
#include "ui/widgets/chain_view.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::str;
using style::Ink;
using style::Type;

namespace {

QString iconOf(const QString& kind)
{
    if (kind == QLatin1String("holder")) {
        return QStringLiteral("client");
    }
    if (kind == QLatin1String("ceph-pool")) {
        return QStringLiteral("pool");
    }
    if (kind == QLatin1String("mon-quorum") || kind == QLatin1String("pg")) {
        return QStringLiteral("cluster");
    }
    if (kind == QLatin1String("mon") || kind == QLatin1String("osd")) {
        return QStringLiteral("host");
    }
    if (kind == QLatin1String("auth-entity")) {
        return QStringLiteral("key");
    }
    return kind == QLatin1String("unknown") || kind == QLatin1String("report") ||
                   kind == QLatin1String("broken")
               ? QStringLiteral("warn")
               : kind;
}

QString kindWord(const QString& kind)
{
    if (kind == QLatin1String("task")) {
        return CaseCard::tr("Task");
    }
    if (kind == QLatin1String("object")) {
        return CaseCard::tr("Object");
    }
    if (kind == QLatin1String("lock")) {
        return CaseCard::tr("Advisory lock");
    }
    if (kind == QLatin1String("holder")) {
        return CaseCard::tr("Holder");
    }
    if (kind == QLatin1String("pg")) {
        return CaseCard::tr("Placement group");
    }
    if (kind == QLatin1String("osd")) {
        return CaseCard::tr("OSD");
    }
    if (kind == QLatin1String("ceph-pool")) {
        return CaseCard::tr("Ceph pool");
    }
    if (kind == QLatin1String("mon-quorum")) {
        return CaseCard::tr("Monitor quorum");
    }
    if (kind == QLatin1String("mon")) {
        return CaseCard::tr("Monitors");
    }
    if (kind == QLatin1String("auth-entity")) {
        return CaseCard::tr("Rights");
    }
    if (kind == QLatin1String("broken")) {
        return CaseCard::tr("What is broken");
    }
    if (kind == QLatin1String("report")) {
        return CaseCard::tr("Worker's report");
    }
    return kind == QLatin1String("unknown") ? CaseCard::tr("Not known") : kind;
}

}  // namespace

QList<widgets::ChainCard> chainCards(const QJsonObject& caseRow)
{
    QList<widgets::ChainCard> cards;
    const QJsonArray chain = session::arr(caseRow, u"chain");
    for (const QJsonValue& value : chain) {
        const QJsonObject link = value.toObject();
        const QString kind = str(link, u"kind");
        cards.append({.icon = iconOf(kind),
                      .kind = kindWord(kind),
                      .title = str(link, u"title"),
                      .monoTitle = kind == QLatin1String("object") || kind == QLatin1String("lock") ||
                                   kind == QLatin1String("holder"),
                      .lines = session::strings(link, u"lines"),
                      .tone = models::toneFrom(str(link, u"tone"))});
    }
    return cards;
}

CaseCard::CaseCard(const style::Theme& theme, QWidget* parent) : NeedCard(theme, Ink::Secondary, parent)
{
    m_chain = new widgets::ChainView(theme, this);
    m_chain->setCompact(true);
    column()->addWidget(m_chain);
    column()->addSpacing(8);

    auto* foot = plain<QHBoxLayout>();
    auto* words = plain<QVBoxLayout>();
    words->setSpacing(2);
    auto* causeRow = plain<QHBoxLayout>();
    causeRow->setSpacing(8);
    m_cause = new widgets::TextLabel(theme, Type::Body, Ink::Primary, this);
    m_cause->setWeight(style::Weight::Medium);
    m_cause->setWordWrap(true);
    m_rule = new widgets::TextLabel(theme, Type::Body, Ink::Tertiary, this);
    causeRow->addWidget(m_cause, 1);
    words->addLayout(causeRow);
    words->addWidget(m_rule);
    m_step = new widgets::TextLabel(theme, Type::Body, Ink::Secondary, this);
    m_step->setWordWrap(true);
    words->addWidget(m_step);
    foot->addLayout(words, 1);
    foot->addSpacing(16);
    m_open = new widgets::Button(theme, tr("Open case"), widgets::ButtonLook::Outline, this);
    m_open->setObjectName(QStringLiteral("openCase"));
    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(m_id); });
    foot->addWidget(m_open, 0, Qt::AlignBottom);
    column()->addLayout(foot);
}

void CaseCard::setCase(const QJsonObject& caseRow, const QJsonObject& run, int waitingBehind, bool first,
                       qint64 nowMs)
{
    m_id = str(caseRow, u"id");
    m_mark->setState(str(caseRow, u"run").isEmpty() ? style::stateWord(style::Domain::Connection, u"degraded")
                                                    : style::stateWord(style::Domain::Task, u"stalled"));
    m_title->setText(str(caseRow, u"title"));
    const bool ofRun = !str(caseRow, u"run").isEmpty();
    m_run->setText(ofRun ? tr("%1 %2").arg(str(caseRow, u"run"), str(run, u"flow"))
                         : tr("no run waits for it yet"));
    m_since->setText(
        tr("case %1, open for %2").arg(m_id, models::ageText(session::time(caseRow, u"openedAt"), nowMs)));
    QString sentence = str(caseRow, u"summary");
    if (waitingBehind > 0) {
        sentence += ' ' + tr("%n tasks wait behind it.", nullptr, waitingBehind);
    }
    m_sentence->setText(sentence);
    if (const QJsonArray links = session::arr(caseRow, u"chain"); links != m_links) {
        m_links = links;
        m_chain->setCards(chainCards(caseRow));
    }
    m_chain->setVisible(!m_links.isEmpty());

    const QJsonObject finding = models::leadingFinding(caseRow);
    const qint64 evidenceAt = models::oldestEvidence(finding);
    m_cause->setText(tr("Cause: %1.").arg(models::causeText(caseRow)));
    QStringList rule;
    if (!finding.isEmpty()) {
        rule << models::ruleText(finding) << models::findingMark(finding).word;
        if (evidenceAt > 0) {
            rule << tr("evidence %1 old").arg(models::ageText(evidenceAt, nowMs));
        }
    }
    m_rule->setText(rule.join(QStringLiteral(", ")));
    m_rule->setVisible(!rule.isEmpty());
    const QJsonObject remedy = session::obj(caseRow, u"remedy");
    const QString phase = str(caseRow, u"phase");
    if (phase == QLatin1String("carry out") || phase == QLatin1String("verify")) {
        m_step->setText(!ofRun ? tr("Over; Sluice watches whether it stays so.")
                        : phase == QLatin1String("verify")
                            ? tr("Carried out; Sluice watches whether it moves.")
                            : tr("The next safe step is being carried out."));
    } else {
        m_step->setText(remedy.isEmpty() ? tr("No next safe step is known.")
                                         : tr("Next safe step: %1.").arg(str(remedy, u"title")));
    }
    m_open->setText(tr("Open case %1").arg(m_id));
    m_open->setLook(first ? widgets::ButtonLook::Primary : widgets::ButtonLook::Outline);
    m_open->setKeyCap(first ? QStringLiteral("C") : QString());
}

}  // namespace sluice::pages
