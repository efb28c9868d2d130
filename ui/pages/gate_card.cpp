#include "ui/pages/gate_card.h"

#include <QtWidgets/QBoxLayout>

#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/widgets/button.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::str;
using style::Ink;
using style::Type;

GateCard::GateCard(const style::Theme& theme, QWidget* parent) : NeedCard(theme, Ink::Primary, parent)
{
    setObjectName(QStringLiteral("gateCard"));
    m_mark->setState({.word = tr("waits for a person"),
                      .glyph = style::Glyph::DiamondBang,
                      .tone = style::Tone::Warn,
                      .known = true});
    m_title->setObjectName(QStringLiteral("gateTitle"));
    m_since->setObjectName(QStringLiteral("gateWaits"));
    m_sentence->setObjectName(QStringLiteral("gateQuestion"));

    auto* foot = plain<QHBoxLayout>();
    foot->setSpacing(8);
    m_step = new widgets::TextLabel(theme, Type::Body, Ink::Secondary, this);
    m_step->setWordWrap(true);
    foot->addWidget(m_step, 1);
    foot->addSpacing(8);
    m_open = new widgets::Button(theme, QString(), widgets::ButtonLook::Outline, this);
    m_open->setObjectName(QStringLiteral("openGate"));
    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(str(m_task, u"id")); });
    m_approve = new widgets::Button(theme, QString(), widgets::ButtonLook::Outline, this);
    m_approve->setObjectName(QStringLiteral("approveGate"));
    connect(m_approve, &QPushButton::clicked, this, [this] { Q_EMIT approveRequested(m_task); });
    foot->addWidget(m_open, 0, Qt::AlignBottom);
    foot->addWidget(m_approve, 0, Qt::AlignBottom);
    column()->addLayout(foot);
}

void GateCard::setTask(const QJsonObject& task, const QJsonObject& run, bool first, bool primary,
                       const QString& whyNot, qint64 nowMs)
{
    m_task = task;
    const QString name = str(task, u"task");
    const QString message = str(task, u"message");
    m_title->setText(tr("%1 waits for a person").arg(name));
    m_run->setText(QStringLiteral("%1 %2").arg(str(task, u"run"), str(run, u"flow")).trimmed());
    m_since->setText(tr("for %1").arg(models::ageText(session::time(task, u"stateSince"), nowMs)));
    m_sentence->setText(message.isEmpty() ? tr("It has no message.") : tr("It asks: %1").arg(message));
    m_step->setText(whyNot.isEmpty() ? tr("The tasks behind it go on when somebody approves.")
                                     : tr("Approve waits: %1.").arg(whyNot));
    m_open->setText(tr("Show %1").arg(name));
    m_approve->setText(tr("Approve %1…").arg(name));
    m_approve->setAvailable(whyNot.isEmpty(), whyNot);
    m_approve->setLook(first && primary ? widgets::ButtonLook::Primary : widgets::ButtonLook::Outline);
    m_approve->setKeyCap(first ? QStringLiteral("A") : QString());
    setAccessibleName(tr("%1, %2").arg(m_title->text(), m_run->text()));
    setAccessibleDescription(m_sentence->text());
}

bool GateCard::canApprove() const
{
    return m_approve->isEnabled();
}

}  // namespace sluice::pages
