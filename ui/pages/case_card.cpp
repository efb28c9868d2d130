#include "ui/pages/case_card.h"

#include <QtWidgets/QBoxLayout>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/pages/storage_view.h"
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

/// Of the kinds that any system may have in a chain.
CardLook commonLook(const QString& kind)
{
    const QString warn = QStringLiteral("warn");
    const QList<CardLook> common{
        {QStringLiteral("task"), CaseCard::tr("Task"), QStringLiteral("task")},
        {QStringLiteral("object"), CaseCard::tr("Object"), QStringLiteral("object"), true},
        {QStringLiteral("lock"), CaseCard::tr("Advisory lock"), QStringLiteral("lock"), true},
        {QStringLiteral("holder"), CaseCard::tr("Holder"), QStringLiteral("client"), true},
        {QStringLiteral("broken"), CaseCard::tr("What is broken"), warn},
        {QStringLiteral("report"), CaseCard::tr("Worker's report"), warn},
        {QStringLiteral("unknown"), CaseCard::tr("Not known"), warn}};
    for (const CardLook& look : common) {
        if (look.kind == kind) {
            return look;
        }
    }
    return {.kind = kind, .word = kind, .icon = kind};
}

CardLook lookOf(const QString& kind, const QList<SystemView>& systems)
{
    for (const SystemView& system : systems) {
        for (const CardLook& look : system.cards) {
            if (look.kind == kind) {
                return look;
            }
        }
    }
    return commonLook(kind);
}

}  // namespace

QList<widgets::ChainCard> chainCards(const QJsonObject& caseRow, const QList<SystemView>& systems)
{
    QList<widgets::ChainCard> cards;
    const QJsonArray chain = session::arr(caseRow, u"chain");
    for (const QJsonValue& value : chain) {
        const QJsonObject link = value.toObject();
        const CardLook look = lookOf(str(link, u"kind"), systems);
        cards.append({.icon = look.icon,
                      .kind = look.word,
                      .title = str(link, u"title"),
                      .monoTitle = look.monoTitle,
                      .lines = session::strings(link, u"lines"),
                      .tone = models::toneFrom(str(link, u"tone"))});
    }
    return cards;
}

CaseCard::CaseCard(const PageContext& context, QWidget* parent)
    : NeedCard(context.theme, Ink::Secondary, parent), m_systems(context.systems)
{
    const style::Theme& theme = context.theme;
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
        m_chain->setCards(chainCards(caseRow, m_systems));
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
