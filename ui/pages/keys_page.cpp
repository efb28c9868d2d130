#include "ui/pages/keys_page.h"

#include <QtGui/QAction>
#include <QtWidgets/QStackedWidget>

#include "core/units.h"
#include "ui/dialogs/dialogs.h"
#include "ui/models/columns.h"
#include "ui/models/marks.h"
#include "ui/models/roles.h"
#include "ui/models/words.h"
#include "ui/pages/change_requests.h"
#include "ui/pages/layout.h"
#include "ui/session/live_table.h"
#include "ui/session/row.h"
#include "ui/widgets/button.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/step_list.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::pages {

using session::LiveTable;
using session::num;
using session::obj;
using session::str;
using session::time;
using style::Ink;
using style::Type;

namespace {

constexpr int kRightWidth = 428;
constexpr int kNarrowRightWidth = 360;

}  // namespace

KeysPage::KeysPage(const PageContext& context, QWidget* parent) : LivePage(context, parent)
{
    setObjectName(QStringLiteral("keys"));
    m_search = new widgets::SearchField(theme(), QStringLiteral("filter"), QStringLiteral("/"), this);
    m_search->setObjectName(QStringLiteral("filter"));
    m_search->setPlaceholderText(tr("role, connection or entity"));
    m_search->setAccessibleName(tr("Filter the roles"));
    m_search->setFixedWidth(256);
    m_search->hide();
    auto* board = new QWidget(this);
    auto* row = plain<QHBoxLayout>(board);
    row->addWidget(buildLeft(), 1);
    row->addWidget(buildRight());

    auto* empty = new QWidget(this);
    auto* column = plain<QVBoxLayout>(empty);
    column->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    m_empty = new widgets::EmptyState(theme(), empty);
    m_empty->setObjectName(QStringLiteral("noRoles"));
    m_empty->setBoxed(false);
    m_empty->setHeadline(tr("No role yet"));
    m_empty->setChecked(
        tr("The engine's configuration names no role. A role owns the keys that runs use; add one and start "
           "the engine again:"));
    m_empty->setCode(
        QStringLiteral("roles: { ingest: { connection: vega, entity: client.ingest, overlap: 1h, caps: { "
                       "mon: \"allow r\", osd: \"allow rwx pool=landing\" } } }"));
    column->addWidget(m_empty);
    column->addStretch(1);
    auto* loading = new QWidget(this);
    auto* loadingColumn = plain<QVBoxLayout>(loading);
    loadingColumn->setContentsMargins(style::kPagePadding, style::kPagePadding, style::kPagePadding, 0);
    loadingColumn->addWidget(new Skeleton(theme(), 6, style::kRowRoomy, loading));
    loadingColumn->addStretch(1);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(board);
    m_stack->addWidget(empty);
    m_stack->addWidget(loading);
    plain<QVBoxLayout>(this)->addWidget(m_stack);

    m_rotate = addAction(tr("Rotate…"), QKeySequence(Qt::Key_R), [this] { rotate(); });
    addAction(tr("Filter"), QKeySequence(Qt::Key_Slash), [this] { m_search->setFocus(); });
    for (session::LiveRows* rows : {&session().roles(), &session().engine(), &session().estate()}) {
        follow(*rows);
    }
}

QWidget* KeysPage::buildLeft()
{
    auto* scroll = new ScrollColumn(this);
    m_rolesSection = new widgets::Section(theme(), tr("Roles"), scroll);
    m_rolesSection->content()->setContentsMargins(12, 0, 12, 0);
    m_roles = new LiveTable(&session().roles(), session().ticker(), models::roleColumns(), {}, this);
    m_rolesView = new widgets::TableView(theme(), m_rolesSection);
    m_rolesView->setObjectName(QStringLiteral("roles"));
    m_rolesView->setFitRows(true);
    m_rolesView->setDensity(style::Density::Roomy);
    m_rolesView->setSelectionMode(QAbstractItemView::SingleSelection);
    bindTable(*m_rolesView, *m_roles, dialogs());
    connect(m_search, &QLineEdit::textChanged, this,
            [this](const QString& text) { m_roles->setSearch(text); });
    connect(m_rolesView->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                const QString id = index.data(session::IdRole).toString();
                if (!id.isEmpty() && id != m_role) {
                    m_role = id;
                    refreshRole();
                    Q_EMIT headChanged();
                }
            });
    m_rolesSection->addWidget(m_rolesView);
    scroll->content()->addWidget(m_rolesSection);

    m_generationSection = new widgets::Section(theme(), tr("Generations"), scroll);
    m_generationSection->setRuled(false);
    m_generationSection->content()->setContentsMargins(12, 0, 12, 0);
    m_generationSection->head()->setNote(tr("times in UTC"));
    m_generationRows = new session::LiveRows(this);
    m_generations =
        new LiveTable(m_generationRows, session().ticker(), models::generationColumns(), {}, this);
    m_generationView = new widgets::TableView(theme(), m_generationSection);
    m_generationView->setObjectName(QStringLiteral("generations"));
    m_generationView->setFitRows(true);
    bindTable(*m_generationView, *m_generations, dialogs());
    m_generationSection->addWidget(m_generationView);
    scroll->content()->addWidget(m_generationSection);
    scroll->content()->addStretch(1);
    return scroll;
}

QWidget* KeysPage::buildRight()
{
    auto* panel = new SidePanel(theme(), Qt::LeftEdge, this);
    panel->setWidths(kRightWidth, kNarrowRightWidth);
    auto* outer = plain<QVBoxLayout>(panel);
    outer->setContentsMargins(1, 0, 0, 0);
    auto* scroll = new ScrollColumn(panel);
    scroll->content()->setContentsMargins(style::kPagePadding, 4, style::kPagePadding, 16);
    m_rotationHead = new widgets::SectionHead(theme(), tr("Rotation"), scroll);
    m_rotationState = new widgets::StateLabel(theme(), m_rotationHead);
    m_rotationState->setObjectName(QStringLiteral("rotationState"));
    m_rotationHead->addWidget(m_rotationState);
    scroll->content()->addWidget(m_rotationHead);
    m_steps = new widgets::StepList(theme(), scroll);
    m_steps->setObjectName(QStringLiteral("rotation"));
    m_steps->setBoxed(false);
    scroll->content()->addWidget(m_steps);
    scroll->content()->addSpacing(8);
    m_rotationNote = new widgets::NoteBar(theme(), scroll);
    m_rotationNote->setObjectName(QStringLiteral("rotationNote"));
    scroll->content()->addWidget(m_rotationNote);
    scroll->content()->addSpacing(8);
    m_rotationFoot = new widgets::TextLabel(theme(), Type::Small, Ink::Secondary, scroll);
    m_rotationFoot->setWordWrap(true);
    scroll->content()->addWidget(m_rotationFoot);
    m_whyNot = new widgets::TextLabel(theme(), Type::Small, Ink::Secondary, scroll);
    m_whyNot->setObjectName(QStringLiteral("whyNotRotate"));
    m_whyNot->setWordWrap(true);
    scroll->content()->addSpacing(8);
    scroll->content()->addWidget(m_whyNot);
    scroll->content()->addStretch(1);
    outer->addWidget(scroll);
    return panel;
}

QString KeysPage::title() const
{
    return tr("Keys");
}

QString KeysPage::headNote() const
{
    return tr("names and ages only, no secret leaves the engine");
}

QWidget* KeysPage::headWidget()
{
    return m_search;
}

QList<shell::PageAction> KeysPage::actions() const
{
    return {{.action = m_rotate,
             .look = widgets::ButtonLook::Outline,
             .icon = {},
             .keyCap = QStringLiteral("R")}};
}

QList<shell::KeyHint> KeysPage::keyHints() const
{
    return {{tr("Arrows"), tr("walk the roles")},
            {QStringLiteral("R"), tr("rotate…")},
            {QStringLiteral("/"), tr("filter")}};
}

void KeysPage::activate()
{
    m_rolesView->setFocus();
}

QJsonObject KeysPage::role() const
{
    return session().roles().row(m_role);
}

void KeysPage::showRole(const QString& roleId)
{
    m_role = roleId;
    touch();
}

QString KeysPage::whyNotRotate() const
{
    const QJsonObject row = role();
    if (row.isEmpty()) {
        return tr("Pick a role first");
    }
    const QString why = session().whyNoChanges(str(row, u"connection"));
    if (!why.isEmpty()) {
        return why;
    }
    if (models::rotationProgress(row).state == QLatin1String("running")) {
        return tr("A rotation of %1 is under way").arg(str(row, u"role"));
    }
    if (models::currentGeneration(row).isEmpty()) {
        return tr("%1 has no key yet; the engine makes the first one").arg(str(row, u"role"));
    }
    return {};
}

void KeysPage::rotate()
{
    if (m_rotate->isEnabled()) {
        dialogs().confirmChange(this, rotateRequest(role()), [](const QJsonObject&) {});
    }
}

void KeysPage::refresh()
{
    const bool loaded = session().roles().isLoaded();
    const bool none = loaded && session().roles().size() == 0;
    m_stack->setCurrentIndex(!loaded ? 2 : none ? 1 : 0);
    if (!session().roles().contains(m_role)) {
        // The role that is being rotated first, or the first one.
        m_role = session().roles().ids().value(0);
        for (const QJsonObject& row : session().roles().rows()) {
            if (models::rotationProgress(row).state == QLatin1String("running")) {
                m_role = str(row, u"id");
                break;
            }
        }
    }
    const int index = m_roles->rowOf(m_role);
    if (index >= 0 && m_rolesView->currentIndex().row() != index) {
        m_rolesView->selectRow(index);
    }
    int keys = 0;
    for (const QJsonObject& row : session().roles().rows()) {
        keys += static_cast<int>(session::arr(row, u"generations").size());
    }
    m_rolesSection->head()->setCount(QString::number(session().roles().size()));
    m_rolesSection->head()->setNote(tr("%n generations", nullptr, keys));
    refreshRole();
}

void KeysPage::refreshRole()
{
    const QJsonObject row = role();
    m_generationRows->replace(models::generationRows(row));
    m_generationSection->setVisible(!row.isEmpty());
    m_generationSection->head()->setCount(str(row, u"role"));
    const QString why = whyNotRotate();
    setAvailable(m_rotate, why);
    m_rotate->setText(row.isEmpty() ? tr("Rotate…") : tr("Rotate %1…").arg(str(row, u"role")));
    m_whyNot->setText(why.isEmpty() || row.isEmpty() ? QString() : why + '.');
    m_whyNot->setVisible(!m_whyNot->text().isEmpty());
    refreshRotation(row);
}

void KeysPage::refreshRotation(const QJsonObject& role)
{
    const QJsonObject rotation = obj(role, u"rotation");
    const bool any = !rotation.isEmpty();
    m_rotationState->setVisible(any);
    m_steps->setVisible(any);
    if (!any) {
        m_rotationHead->setTitle(tr("Rotation"));
        m_rotationNote->setTone(style::Tone::Neutral);
        m_rotationNote->setTexts(
            role.isEmpty() ? QString() : tr("No rotation of %1 is known.").arg(str(role, u"role")),
            tr("A rotation makes a new key, lets both work for the overlap, and ends the old one when "
               "nothing uses it. It can stop and go on at any step."));
        m_rotationFoot->setText(
            num(role, u"overlapMs") > 0
                ? tr("Overlap of this role: %1.").arg(formatDuration(num(role, u"overlapMs")))
                : QString());
        return;
    }
    const models::RotationProgress progress = models::rotationProgress(role);
    m_rotationHead->setTitle(tr("Rotation of %1 on %2, g%3 to g%4")
                                 .arg(str(role, u"role"), str(role, u"connection"))
                                 .arg(num(rotation, u"from"))
                                 .arg(num(rotation, u"to")));
    style::StateWord word = style::stateWord(style::Domain::Rotation, progress.state);
    m_rotationState->setState(word);
    m_rotationState->setText(
        progress.state == QLatin1String("running")
            ? tr("step %1 of %2").arg(std::min(progress.done + 1, progress.total)).arg(progress.total)
            : QString());
    QList<widgets::StepRow> rows;
    QString failed;
    const QJsonArray steps = session::arr(rotation, u"steps");
    for (const QJsonValue& value : steps) {
        const QJsonObject step = value.toObject();
        const QString state = str(step, u"state");
        const QString detail = str(step, u"detail");
        if (state == QLatin1String("failed")) {
            failed = detail;
        }
        rows.append({.state = models::stepMark(state),
                     .title = str(step, u"title"),
                     .detail = detail.isEmpty() ? tr("checked by: %1").arg(str(step, u"checkedBy")) : detail,
                     .right = session::clockText(time(step, u"at")),
                     .running = state == QLatin1String("running")});
    }
    m_steps->setSteps(rows);
    if (progress.state == QLatin1String("failed")) {
        m_rotationNote->setTone(style::Tone::Crit);
        m_rotationNote->setTexts(tr("The rotation stopped: %1.").arg(failed),
                                 tr("Go on with Rotate…, it begins at this step. The key that was in use "
                                    "still works, so nothing has to go back."));
    } else if (progress.state == QLatin1String("running")) {
        m_rotationNote->setTone(style::Tone::Neutral);
        m_rotationNote->setTexts(tr("It goes on by itself, also when this window is closed."),
                                 tr("The last live key of a role is never revoked."));
    } else {
        m_rotationNote->setTone(style::Tone::Ok);
        m_rotationNote->setTexts(progress.state == QLatin1String("done")
                                     ? tr("The rotation is done.")
                                     : tr("The rotation is %1.").arg(word.word),
                                 QString());
    }
    m_rotationFoot->setText(tr("Started %1 UTC.").arg(session::clockText(time(rotation, u"startedAt"))));
}

}  // namespace sluice::pages
