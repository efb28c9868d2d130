#include "live_view.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <QtCore/QStringList>
#include <cstdio>

#include "core/units.h"
#include "core/visible_text.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr int kScreenMs = 200;
constexpr int kLinesMs = 500;

struct Size {
    int rows{24};
    int columns{80};
};

Size terminalSize()
{
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 1) {
        return {size.ws_row, size.ws_col};
    }
    return {};
}

QString elided(const QString& line, int columns)
{
    return line.size() < columns ? line : line.left(columns - 2) + QStringLiteral("…");
}

/// As it is shown: a name in a row cannot make a line of its own.
rpc::TopicChange visible(rpc::TopicChange change)
{
    const auto all = [](QStringList& texts) {
        for (QString& text : texts) {
            text = visibleText(text);
        }
    };
    for (QJsonObject& row : change.upserts) {
        row = visibleRow(row);
    }
    all(change.removed);
    if (change.order) {
        all(*change.order);
    }
    return change;
}

}  // namespace

int screenColumns()
{
    return ::isatty(STDOUT_FILENO) == 1 ? terminalSize().columns : 0;
}

QString cutText(const QString& topic, qint64 shown, qint64 total)
{
    return shown >= total ? QString()
                          : QStringLiteral("Showing %1 of %2 rows of '%3'.\n")
                                .arg(formatCount(shown), formatCount(total), topic);
}

void sayWhatIsCut(Context& context, const QString& topic, const rpc::TopicChange& change)
{
    if (const QString text = cutText(topic, change.upserts.size(), change.total); !text.isEmpty()) {
        context.remark(text);
    }
}

LiveView::LiveView(Context& context, Spec spec)
    : QObject(&context), m_context(context), m_spec(std::move(spec)), m_terminal(::isatty(STDOUT_FILENO) == 1)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(m_terminal ? kScreenMs : kLinesMs);
    connect(&m_soon, &QTimer::timeout, this, &LiveView::draw);
    if (m_terminal && !context.json()) {
        connect(&m_everySecond, &QTimer::timeout, this, &LiveView::draw);
        m_everySecond.start(1000);
    }
    m_rows.resize(m_spec.topics.size());
    for (qsizetype topic = 0; topic < m_spec.topics.size(); ++topic) {
        m_missing.insert(topic);
        context.client().subscribe(
            m_spec.topics.at(topic), this,
            [this, topic](const rpc::TopicChange& change) { changed(topic, change); },
            [this](const Error& error) { m_context.finish(error); });
    }
}

void LiveView::changed(qsizetype topic, const rpc::TopicChange& change)
{
    m_rows[topic].apply(m_context.json() ? change : visible(change));
    m_missing.remove(topic);
    if (m_context.json() && change.reset) {
        sayWhatIsCut(m_context, m_spec.topics.at(topic).topic, change);
    }
    printRows(topic, change.upserts, change.removed);
    const bool over = m_missing.isEmpty() && m_spec.ended && m_spec.ended(m_rows);
    if (over || (m_missing.isEmpty() && m_printed.isEmpty() && !m_cleared)) {
        draw();
    } else if (!m_soon.isActive()) {
        m_soon.start();
    }
}

void LiveView::printRows(qsizetype topic, const QList<QJsonObject>& rows, const QStringList& removed)
{
    if (!m_context.json()) {
        return;
    }
    const QString name = m_spec.topics.at(topic).topic;
    for (const QJsonObject& row : rows) {
        m_context.printJson({{"topic", name}, {"row", row}});
    }
    for (const QString& id : removed) {
        m_context.printJson({{"topic", name}, {"removed", id}});
    }
}

void LiveView::draw()
{
    if (!m_missing.isEmpty() || m_context.isFinished()) {
        return;
    }
    const auto end = m_spec.ended ? m_spec.ended(m_rows) : std::nullopt;
    if (!end || !m_spec.readAll) {
        show();
    }
    if (end && !m_spec.readAll) {
        m_context.finish(*end);
    } else if (end && !m_reading) {
        m_reading = true;
        m_spec.readAll([this](const Rows& rows) {
            m_reading = false;
            endWith(rows);
        });
    }
}

void LiveView::endWith(const Rows& rows)
{
    for (qsizetype topic = 0; topic < rows.size(); ++topic) {
        QList<QJsonObject> news = rows.at(topic).rows();
        news.removeIf(
            [&](const QJsonObject& row) { return m_rows.at(topic).row(row["id"].toString()) == row; });
        printRows(topic, news, {});
    }
    m_rows = rows;
    show();
    // Somebody may have started it again meanwhile.
    if (const auto end = m_spec.ended(m_rows)) {
        m_context.finish(*end);
    }
}

void LiveView::show()
{
    if (m_context.json()) {
        return;
    }
    const Style style = m_terminal ? Style::Screen : Style::Lines;
    QString text = m_spec.text(m_rows, style);
    for (qsizetype topic = 0; topic < m_rows.size(); ++topic) {
        text +=
            cutText(m_spec.topics.at(topic).topic, m_rows.at(topic).ids().size(), m_rows.at(topic).total());
    }
    if (m_terminal) {
        drawScreen(text);
    } else {
        printNewLines(text);
    }
}

void LiveView::drawScreen(const QString& text)
{
    const Size size = terminalSize();
    QStringList lines = visiblePage(text).split('\n');
    if (!lines.isEmpty() && lines.last().isEmpty()) {
        lines.removeLast();
    }
    if (lines.size() > size.rows - 1) {
        const auto hidden = lines.size() - (size.rows - 2);
        lines = lines.mid(0, size.rows - 2);
        lines.append(QStringLiteral("… %1 more lines").arg(hidden));
    }
    QString out = m_cleared ? QStringLiteral("\x1b[H") : QStringLiteral("\x1b[2J\x1b[H");
    m_cleared = true;
    for (const QString& line : std::as_const(lines)) {
        out += elided(line, size.columns) + QStringLiteral("\x1b[K\n");
    }
    out += QStringLiteral("\x1b[J");
    std::fputs(out.toUtf8().constData(), stdout);
    std::fflush(stdout);
}

void LiveView::printNewLines(const QString& text)
{
    QSet<QString> now;
    QString out;
    const QStringList lines = text.split('\n', Qt::SkipEmptyParts);
    for (const QString& line : lines) {
        // Columns move when other rows change; that alone makes no line new.
        const QString plain = line.simplified();
        now.insert(plain);
        if (!m_printed.contains(plain)) {
            out += line + '\n';
        }
    }
    m_printed = now;
    if (!out.isEmpty()) {
        m_context.print(out);
    }
}

}  // namespace sluice::ctl
