#include "ui/shell/find_box.h"

#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <algorithm>

#include "ui/style/icons.h"
#include "ui/style/paint.h"

namespace sluice::shell {

using namespace style;

namespace {

constexpr int kRow = 34;
constexpr int kPad = 5;
constexpr int kMost = 9;
constexpr int kWidth = 480;

}  // namespace

FindList::FindList(const Theme& theme, QWidget* parent) : ItemWidget(theme, parent)
{
    setInteractive(true);
    setSingleClick(true);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Found"));
    hide();
}

void FindList::setHits(const QList<FindHit>& hits, const QString& text)
{
    m_hits = hits;
    m_text = text;
    setCurrentPart(-1);
    partsChanged();
    setCurrentPart(hits.isEmpty() ? -1 : 0);
}

int FindList::partCount() const
{
    return int(m_hits.size());
}

QRect FindList::partRect(int part) const
{
    return {1, kPad + part * kRow, width() - 2, kRow};
}

QString FindList::partName(int part) const
{
    const FindHit& hit = m_hits.at(part);
    QStringList words{hit.title, hit.state.word, hit.detail, hit.whyNot};
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

QSize FindList::sizeHint() const
{
    return {kWidth, 2 * kPad + std::max(1, partCount()) * kRow};
}

void FindList::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    paintBox(painter, QRectF(rect()), kRadiusBox, theme().surface(Surface::Raised),
             theme().line(Line::Strong), 1);
    if (m_hits.isEmpty()) {
        paintText(painter, QRectF(rect()).adjusted(14, 0, -14, 0), tr("Nothing called \"%1\"").arg(m_text),
                  theme().font(Type::Body), theme().ink(Ink::Secondary));
    }
    for (int i = 0; i < partCount(); ++i) {
        paintHit(painter, i);
    }
}

void FindList::paintHit(QPainter& painter, int part) const
{
    const FindHit& hit = m_hits.at(part);
    const QRectF row(partRect(part));
    if (part == currentPart() || part == hoveredPart()) {
        painter.fillRect(row, theme().surface(part == currentPart() ? Surface::Selected : Surface::Hover));
    }
    if (part == currentPart()) {
        painter.fillRect(QRectF(row.left(), row.top(), kSelectionBar, row.height()),
                         theme().accent(Accent::Base));
    }
    QRectF line = row.adjusted(14, 0, -14, 0);
    const QRectF mark(line.left(), line.top(), kGlyphState, line.height());
    if (!hit.state.word.isEmpty()) {
        paintGlyph(painter, theme(), hit.state.glyph, hit.state.tone, mark, kGlyphState);
    } else {
        paintIcon(painter, hit.icon, theme().ink(Ink::Secondary), mark, kIconButton);
    }
    line.setLeft(line.left() + kGlyphState + 10);
    const bool possible = hit.whyNot.isEmpty();
    const qreal title =
        paintText(painter, line, hit.title, theme().font(Type::Body, Weight::Medium),
                  theme().ink(possible ? Ink::Primary : Ink::Disabled), Qt::AlignLeft, Qt::ElideMiddle);
    line.setLeft(line.left() + title + 14);
    paintText(painter, line, possible ? hit.detail : hit.whyNot, theme().font(Type::Small),
              theme().ink(possible ? Ink::Tertiary : Ink::Secondary), Qt::AlignRight);
}

FindBox::FindBox(const Theme& theme, QWidget* parent)
    : SearchField(theme, QStringLiteral("search"), QStringLiteral("Ctrl K"), parent), m_theme(theme)
{
    setPlaceholderText(tr("Go to a thing, or do something"));
    setAccessibleName(tr("Find"));
    connect(this, &QLineEdit::textEdited, this, &FindBox::look);
}

void FindBox::look()
{
    const QList<FindHit> hits =
        m_source != nullptr ? m_source->find(text().trimmed(), kMost) : QList<FindHit>();
    if (hits.isEmpty() && text().trimmed().isEmpty()) {
        if (m_list != nullptr) {
            m_list->hide();
        }
        return;
    }
    if (m_list == nullptr) {
        m_list = new FindList(m_theme, window());
        connect(m_list, &widgets::ItemWidget::partActivated, this, &FindBox::choose);
    }
    m_list->setHits(hits, text().trimmed());
    showList();
}

void FindBox::begin()
{
    setFocus(Qt::ShortcutFocusReason);
    selectAll();
    look();
}

void FindBox::showList()
{
    const QPoint below = mapTo(window(), QPoint(0, height() + 4));
    const QSize size =
        m_list->sizeHint().boundedTo(QSize(window()->width() - below.x() - 8, window()->height()));
    m_list->setGeometry(QRect(below, size));
    m_list->show();
    m_list->raise();
}

void FindBox::choose(int part)
{
    if (m_list == nullptr || part < 0 || part >= m_list->partCount()) {
        return;
    }
    const FindHit hit = m_list->hits().at(part);
    if (!hit.whyNot.isEmpty()) {
        return;
    }
    m_list->hide();
    clear();
    Q_EMIT chosen(hit.kind, hit.id);
}

void FindBox::keyPressEvent(QKeyEvent* event)
{
    const bool listed = m_list != nullptr && m_list->isVisible() && m_list->partCount() > 0;
    switch (event->key()) {
        case Qt::Key_Down:
        case Qt::Key_Up:
            if (listed) {
                const int step = event->key() == Qt::Key_Down ? 1 : -1;
                m_list->setCurrentPart(std::clamp(m_list->currentPart() + step, 0, m_list->partCount() - 1));
            }
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (listed) {
                choose(m_list->currentPart());
            }
            return;
        case Qt::Key_Escape:
            SearchField::keyPressEvent(event);
            if (m_list != nullptr) {
                m_list->hide();
            }
            return;
        default:
            break;
    }
    SearchField::keyPressEvent(event);
}

void FindBox::mousePressEvent(QMouseEvent* event)
{
    SearchField::mousePressEvent(event);
    look();
}

void FindBox::focusOutEvent(QFocusEvent* event)
{
    if (m_list != nullptr && !m_list->underMouse()) {
        m_list->hide();
    }
    SearchField::focusOutEvent(event);
}

}  // namespace sluice::shell
