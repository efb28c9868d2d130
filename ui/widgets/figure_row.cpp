#include "ui/widgets/figure_row.h"

#include <QtGui/QPainter>

#include "ui/style/paint.h"

namespace sluice::widgets {

using namespace style;

namespace {

constexpr int kHeight = 54;
constexpr int kPad = 12;

}  // namespace

FigureRow::FigureRow(const Theme& theme, QWidget* parent) : ThemedWidget(theme, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FigureRow::setFigures(const QList<std::pair<QString, QString>>& figures)
{
    m_figures = figures;
    QStringList words;
    for (const auto& [figure, meaning] : figures) {
        words.append(figure + QStringLiteral(": ") + meaning);
    }
    setAccessibleName(words.join(QStringLiteral(", ")));
    setToolTip(words.join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

QSize FigureRow::sizeHint() const
{
    return {int(std::max<qsizetype>(1, m_figures.size())) * 140, kHeight};
}

QSize FigureRow::minimumSizeHint() const
{
    return {int(std::max<qsizetype>(1, m_figures.size())) * 88, kHeight};
}

void FigureRow::paintEvent(QPaintEvent* event)
{
    Q_UNUSED(event)
    QPainter painter(this);
    paintBox(painter, QRectF(rect()), kRadiusControl, {}, theme().line(Line::Hairline), 1);
    const double column = double(width()) / double(std::max<qsizetype>(1, m_figures.size()));
    for (qsizetype i = 0; i < m_figures.size(); ++i) {
        const QRectF box(std::round(column * double(i)), 0, column, height());
        if (i > 0) {
            paintHairline(painter, box, Qt::LeftEdge, theme().line(Line::Hairline));
        }
        const QRectF inner = box.adjusted(kPad, 0, -6, 0);
        paintText(painter, QRectF(inner.left(), 8, inner.width(), 20), m_figures.at(i).first,
                  theme().font(Type::Lead), theme().ink(Ink::Primary));
        paintText(painter, QRectF(inner.left(), 28, inner.width(), 16), m_figures.at(i).second,
                  theme().font(Type::Tiny), theme().ink(Ink::Secondary));
    }
}

}  // namespace sluice::widgets
