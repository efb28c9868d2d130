#include "ui/pages/audit_page.h"

#include <QtGui/QAction>

#include "core/units.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/chain_strip.h"
#include "ui/pages/layout.h"
#include "ui/pages/record_panel.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::num;
using session::obj;
using session::str;
using style::Ink;
using style::Type;

namespace {

constexpr int kPanelWidth = 416;
constexpr int kNarrowPanelWidth = 360;
/// A long chain takes minutes; sluicectl waits as long.
constexpr int kVerifyTimeoutMs = 10 * 60 * 1000;

}  // namespace

AuditPage::AuditPage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("audit"));
    buildHead();
    build();
    m_verify = addAction(tr("Verify chain"), QKeySequence(Qt::Key_V), [this] { verifyChain(); });
    addAction(tr("Search"), QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    for (session::LiveRows* rows : {&session().audit(), &session().engine()}) {
        follow(*rows);
    }
}

void AuditPage::buildHead()
{
    m_headWidget = new QWidget(this);
    auto* row = plain<QHBoxLayout>(m_headWidget);
    row->setSpacing(8);
    m_search = new widgets::SearchField(theme(), QStringLiteral("search"), QStringLiteral("/"), m_headWidget);
    m_search->setObjectName(QStringLiteral("search"));
    m_search->setPlaceholderText(tr("who, action, object or outcome"));
    m_search->setAccessibleName(tr("Search the records"));
    m_search->setFixedWidth(360);
    connect(m_search, &QLineEdit::textChanged, this, &AuditPage::applyFilter);
    m_exceptions = new widgets::Chip(theme(), m_headWidget);
    m_exceptions->setObjectName(QStringLiteral("exceptions"));
    m_exceptions->setText(tr("only what went wrong"));
    m_exceptions->setCheckable(true);
    connect(m_exceptions, &QAbstractButton::toggled, this, &AuditPage::applyFilter);
    row->addWidget(m_search);
    row->addWidget(m_exceptions);
}

void AuditPage::build()
{
    auto* column = plain<QVBoxLayout>(this);
    m_strip = new ChainStrip(theme(), this);
    column->addWidget(m_strip);
    auto* row = plain<QHBoxLayout>();
    auto* left = plain<QVBoxLayout>();
    left->setContentsMargins(12, 4, 12, 8);
    m_records =
        new session::LiveTable(&session().audit(), session().ticker(), models::auditColumns(), {}, this);
    m_records->setOrder(models::newerRecord);
    m_view = new widgets::TableView(theme(), this);
    m_view->setObjectName(QStringLiteral("records"));
    m_view->setTextElideMode(Qt::ElideMiddle);
    bindTable(*m_view, *m_records, dialogs());
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &AuditPage::touch);
    left->addWidget(m_view, 1);
    m_none = new widgets::EmptyState(theme(), this);
    m_none->setObjectName(QStringLiteral("noRecord"));
    m_none->setBoxed(false);
    connect(m_none, &widgets::EmptyState::actionTriggered, this, [this] {
        m_search->clear();
        m_exceptions->setChecked(false);
    });
    left->addWidget(m_none);
    m_loading = new Skeleton(theme(), 12, style::kRowNormal, this);
    left->addWidget(m_loading);
    left->addStretch(0);
    m_foot = new widgets::TextLabel(
        theme(),
        tr("Times are UTC. The newest 500 records are shown. Refused and void requests are recorded too."),
        Type::Small, Ink::Tertiary, this);
    m_foot->setContentsMargins(8, 4, 8, 0);
    left->addWidget(m_foot);
    row->addLayout(left, 1);
    auto* panel = new SidePanel(theme(), Qt::LeftEdge, this);
    panel->setWidths(kPanelWidth, kNarrowPanelWidth);
    m_panel = new RecordPanel(context(), panel);
    plain<QVBoxLayout>(panel)->addWidget(m_panel);
    row->addWidget(panel);
    column->addLayout(row, 1);
}

QString AuditPage::title() const
{
    return tr("Audit");
}

QList<shell::PageAction> AuditPage::actions() const
{
    return {{.action = m_verify,
             .look = widgets::ButtonLook::Outline,
             .icon = {},
             .keyCap = QStringLiteral("V")}};
}

QList<shell::KeyHint> AuditPage::keyHints() const
{
    return {{QStringLiteral("/"), tr("search")},
            {tr("Arrows"), tr("move")},
            {QStringLiteral("V"), tr("verify chain")},
            {tr("Ctrl C"), tr("copy rows")}};
}

void AuditPage::activate()
{
    m_view->setFocus();
}

void AuditPage::showRecord(const QString& seq)
{
    m_wanted = seq;
    m_search->clear();
    m_exceptions->setChecked(false);
    touch();
}

void AuditPage::applyFilter()
{
    m_records->setSearch(m_search->text());
    m_records->setFilter(
        m_exceptions->isChecked()
            ? [](const QJsonObject&
                     record) { return models::auditMark(str(record, u"outcome")).isException(); }
            : session::LiveTable::Filter());
    touch();
}

void AuditPage::refresh()
{
    const session::LiveRows& rows = session().audit();
    const int shown = m_records->rowCount();
    const bool filtered = !m_search->text().isEmpty() || m_exceptions->isChecked();
    m_loading->setVisible(!rows.isLoaded());
    m_view->setVisible(rows.isLoaded() && shown > 0);
    m_none->setVisible(rows.isLoaded() && shown == 0);
    m_none->setHeadline(filtered ? tr("No record matches") : tr("No record yet"));
    m_none->setChecked(filtered ? tr("%1 records were searched.").arg(formatCount(rows.size()))
                                : tr("Everything that changes something is written here first."));
    m_none->setAction(filtered ? tr("Remove the filter") : QString());
    m_search->setNote(filtered ? tr("%1 of %2").arg(formatCount(shown), formatCount(rows.size()))
                               : QString());

    if (!m_wanted.isEmpty() && m_records->rowOf(m_wanted) >= 0) {
        m_view->selectRow(m_records->rowOf(m_wanted));
        m_wanted.clear();
    } else if (shown > 0 && !m_view->currentIndex().isValid()) {
        m_view->selectRow(0);
    }
    const QString seq = m_view->currentIndex().data(session::IdRole).toString();
    const qint64 number = seq.toLongLong();
    m_panel->setRecord(rows.row(seq), rows.row(QString::number(number - 1)),
                       rows.row(QString::number(number + 1)));
    const bool reachable = client().link().state == session::LinkState::Connected;
    setAvailable(m_verify, m_verifying ? tr("The chain is being read")
                           : reachable ? QString()
                                       : tr("The engine does not answer"));
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
        m_wanted = QString::number(num(bad, u"seq"));
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
    m_strip->setRecords(tr("%1 records").arg(formatCount(records)),
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
