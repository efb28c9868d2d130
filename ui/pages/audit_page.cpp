#include "ui/pages/audit_page.h"

#include <QtGui/QAction>

#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/chain_strip.h"
#include "ui/pages/layout.h"
#include "ui/pages/record_list.h"
#include "ui/pages/record_panel.h"
#include "ui/session/row.h"
#include "ui/style/english_forms.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;

namespace {

constexpr int kPanelWidth = 416;
constexpr int kNarrowPanelWidth = 360;
/// A long chain takes minutes; sluicectl waits as long.
constexpr int kVerifyTimeoutMs = 10 * 60 * 1000;

}  // namespace

AuditPage::AuditPage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("audit"));
    build();
    m_verify = addAction(tr("Verify chain"), QKeySequence(Qt::Key_V), [this] { verifyChain(); });
    m_export = addAction(tr("Export…"), QKeySequence(Qt::Key_E), [this] { m_list->saveAs(); });
    addAction(tr("Search"), QKeySequence(Qt::Key_Slash), [this] { m_list->focusSearch(); });
    for (session::LiveRows* rows : {&session().audit(), &session().engine()}) {
        follow(*rows);
    }
}

void AuditPage::build()
{
    auto* column = plain<QVBoxLayout>(this);
    m_strip = new ChainStrip(theme(), this);
    column->addWidget(m_strip);
    auto* row = plain<QHBoxLayout>();
    m_list = new RecordList(context(), this);
    connect(m_list, &RecordList::touched, this, &AuditPage::touch);
    row->addWidget(m_list, 1);
    auto* panel = new SidePanel(theme(), Qt::LeftEdge, this);
    panel->setWidths(kPanelWidth, kNarrowPanelWidth);
    m_panel = new RecordPanel(context(), panel);
    plain<QVBoxLayout>(panel)->addWidget(m_panel);
    row->addWidget(panel);
    column->addLayout(row, 1);
}

QWidget* AuditPage::headWidget()
{
    return m_list->head();
}

QString AuditPage::title() const
{
    return tr("Audit");
}

QList<shell::PageAction> AuditPage::actions() const
{
    return {
        {.action = m_verify, .look = widgets::ButtonLook::Outline, .icon = {}, .keyCap = QStringLiteral("V")},
        {.action = m_export,
         .look = widgets::ButtonLook::Outline,
         .icon = {},
         .keyCap = QStringLiteral("E")}};
}

QList<shell::KeyHint> AuditPage::keyHints() const
{
    return {{QStringLiteral("/"), tr("search")},
            {tr("Arrows"), tr("move")},
            {QStringLiteral("V"), tr("verify chain")},
            {QStringLiteral("E"), tr("export")},
            {tr("Ctrl C"), tr("copy rows")}};
}

void AuditPage::activate()
{
    m_list->focusRecords();
}

void AuditPage::showRecord(const QString& seq)
{
    m_list->showRecord(seq);
}

void AuditPage::refresh()
{
    m_list->refresh();
    const qint64 seq = m_list->current().toLongLong();
    if (seq > 0) {
        m_panel->setRecord(m_list->record(seq), m_list->record(seq - 1), m_list->record(seq + 1));
    } else {
        m_panel->setRecord({}, {}, {});
    }
    const bool reachable = client().link().state == session::LinkState::Connected;
    const QString unreachable = reachable ? QString() : tr("The engine does not answer");
    setAvailable(m_verify, m_verifying ? tr("The chain is being read") : unreachable);
    setAvailable(m_export, reachable ? m_list->whyNoExport() : unreachable);
    tick();
}

void AuditPage::verifyChain()
{
    if (!m_verify->isEnabled()) {
        return;
    }
    m_verifying = true;
    m_verifyingSinceMs = nowMs();
    touch();
    client().call(
        QStringLiteral("audit.verify"), {}, this,
        [this](const Result<QJsonObject>& reply) {
            m_verifying = false;
            verified(reply);
            touch();
        },
        kVerifyTimeoutMs);
}

void AuditPage::verified(const Result<QJsonObject>& reply)
{
    m_verifyError.reset();
    m_verdict = {};
    if (!reply) {
        m_verifyError = reply.error();
        return;
    }
    m_verdict = *reply;
    m_verifiedAtMs = nowMs();
    if (const QJsonObject bad = obj(m_verdict, u"firstBad"); !bad.isEmpty()) {
        showRecord(QString::number(num(bad, u"seq")));
    }
}

void AuditPage::tick()
{
    const QJsonObject engine = session().engineRow();
    const bool bad = !m_verdict.isEmpty() && !m_verdict.value(QLatin1String("ok")).toBool();
    if (m_verifying) {
        m_strip->setVerdict(style::stateWord(style::Domain::Step, u"checking"), tr("Reading the chain…"),
                            tr("record by record, for %1").arg(formatDuration(nowMs() - m_verifyingSinceMs)));
    } else if (m_verifyError) {
        m_strip->setVerdict(style::stateWord(style::Domain::AuditChain, u"unknown"), tr("Chain not verified"),
                            m_verifyError->message);
    } else if (const QString doubt = session().doubtAbout(QStringLiteral("audit.db"));
               m_verdict.isEmpty() && !doubt.isEmpty()) {
        m_strip->setVerdict(style::stateWord(style::Domain::AuditChain, u"broken"), tr("Chain broken"),
                            doubt);
    } else if (m_verdict.isEmpty()) {
        m_strip->setVerdict(style::stateWord(style::Domain::AuditChain, u"unknown"),
                            tr("Chain not verified yet"), tr("press V to read all of it"));
    } else {
        const QString remark = str(m_verdict, u"remark");
        m_strip->setVerdict(style::stateWord(style::Domain::AuditChain, bad ? u"broken" : u"intact"),
                            bad ? tr("Chain broken") : tr("Chain intact"),
                            remark.isEmpty() ? tr("read %1 UTC, %2 ago")
                                                   .arg(session::clockText(m_verifiedAtMs),
                                                        models::ageText(m_verifiedAtMs, nowMs()))
                                             : remark);
    }
    const qint64 records = m_verdict.isEmpty() ? num(engine, u"auditRecords") : num(m_verdict, u"records");
    m_strip->setRecords(tr("%1 records", nullptr, style::formOf(records)).arg(formatCount(records)),
                        m_verdict.isEmpty() ? tr("says the engine") : tr("read and checked"));
    const QString head = m_verdict.isEmpty() ? str(engine, u"auditHead") : str(m_verdict, u"head");
    m_strip->setHead(head.isEmpty() ? tr("none") : shortHash(head), tr("hash of the last record"));
    const QJsonObject firstBad = obj(m_verdict, u"firstBad");
    if (m_verdict.isEmpty()) {
        m_strip->setMissing({}, {});
    } else if (bad) {
        m_strip->setMissing(tr("record %1").arg(formatCount(num(firstBad, u"seq"))),
                            tr("is the first that does not hold"));
    } else {
        m_strip->setMissing(tr("0 missing"), tr("0 changed, 0 out of order"));
    }
}

QList<shell::PageBanner> AuditPage::pageBanners() const
{
    const QString doubt = session().doubtAbout(QStringLiteral("audit.db"));
    if (m_verdict.isEmpty() && !doubt.isEmpty()) {
        return {{.id = QStringLiteral("chain"),
                 .tone = style::Tone::Crit,
                 .headline = tr("The audit chain is broken."),
                 .detail = models::sentence(
                     {doubt, tr("Keep the file audit.db as it is and compare it with a backup")})}};
    }
    if (m_verdict.isEmpty() || m_verdict.value(QLatin1String("ok")).toBool()) {
        return {};
    }
    const QJsonObject bad = obj(m_verdict, u"firstBad");
    return {{.id = QStringLiteral("chain"),
             .tone = style::Tone::Crit,
             .headline = tr("The audit chain is broken at record %1.").arg(formatCount(num(bad, u"seq"))),
             .detail =
                 models::sentence({str(bad, u"why"), tr("Keep the file audit.db as it is and compare it with "
                                                        "a backup; records before this one still hold")})}};
}

}  // namespace sluice::pages
