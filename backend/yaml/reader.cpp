#include "yaml/reader.h"

#include <yaml-cpp/yaml.h>

#include <QtCore/QSet>

#include "core/redact.h"
#include "core/units.h"

namespace sluice::yaml {

struct Map::State {
    YAML::Node node{};
    YAML::Mark mark{};
    QString file{};
    std::shared_ptr<QList<Problem>> problems{};
};

struct Value::State {
    YAML::Node node{};
    bool present{false};
    YAML::Mark mark{};
    QString file{};
    std::shared_ptr<QList<Problem>> problems{};
};

namespace {

constexpr int kMaxBytes = 64 * 1024 * 1024;

void record(QList<Problem>& problems, const QString& file, const YAML::Mark& mark, const QString& message,
            const QString& expected)
{
    const bool known = mark.line >= 0;
    problems.append(Problem{.file = file,
                            .line = known ? mark.line + 1 : 1,
                            .column = known ? mark.column + 1 : 1,
                            .message = redactText(message),
                            .expected = redactText(expected)});
}

QString scalar(const YAML::Node& node)
{
    return QString::fromStdString(node.Scalar());
}

QString kindOf(const YAML::Node& node)
{
    switch (node.Type()) {
        case YAML::NodeType::Map:
            return QStringLiteral("a map");
        case YAML::NodeType::Sequence:
            return QStringLiteral("a list");
        case YAML::NodeType::Scalar:
            return QStringLiteral("'%1'").arg(shortened(scalar(node), 60));
        default:
            return QStringLiteral("nothing");
    }
}

/// Where the second document begins: a line that starts with "---" behind the first one, or what follows
/// "...".
/// @source YAML 1.2, c-forbidden: such a line is never part of a scalar
YAML::Mark secondDocument(const QString& text)
{
    bool begun = false;
    bool ended = false;
    int line = 0;
    YAML::Mark mark;
    for (const QStringView row : QStringView(text).split(u'\n')) {
        const QStringView words = row.trimmed();
        const auto marks = [&](QStringView marker) {
            return row.startsWith(marker) && (row.size() == 3 || row[3].isSpace());
        };
        const bool opens = marks(u"---");
        const bool content =
            !words.isEmpty() && !words.startsWith(u'#') && !words.startsWith(u'%') && !marks(u"...");
        if (begun && (opens || (ended && content))) {
            mark.line = line;
            mark.column = 0;
            return mark;
        }
        begun = begun || content;
        ended = marks(u"...") || (ended && !content);
        ++line;
    }
    return mark;
}

}  // namespace

QJsonObject Problem::toJson() const
{
    return {{"file", file}, {"line", line}, {"column", column}, {"message", message}, {"expected", expected}};
}

QString Problem::toLine() const
{
    QString text =
        QStringLiteral("%1:%2:%3: %4").arg(file, QString::number(line), QString::number(column), message);
    if (!expected.isEmpty()) {
        text += QStringLiteral(" (expected %1)").arg(expected);
    }
    return text;
}

bool Map::has(const QString& key) const
{
    return optional(key).present();
}

Value Map::required(const QString& key, const QString& expected) const
{
    Value value = optional(key);
    if (!value.present()) {
        problem(QStringLiteral("'%1' is missing").arg(key), expected);
    }
    return value;
}

Value Map::optional(const QString& key) const
{
    auto state = std::make_shared<Value::State>();
    state->file = m->file;
    state->problems = m->problems;
    state->mark = m->mark;
    if (m->node.IsMap()) {
        for (const auto& pair : m->node) {
            if (pair.first.IsScalar() && scalar(pair.first) == key) {
                state->node = pair.second;
                state->present = true;
                state->mark = pair.second.Mark().line >= 0 ? pair.second.Mark() : pair.first.Mark();
                break;
            }
        }
    }
    return Value(std::move(state));
}

void Map::each(const Each& visit) const
{
    if (!m->node.IsMap()) {
        return;
    }
    QSet<QString> seen;
    for (const auto& pair : m->node) {
        if (!pair.first.IsScalar()) {
            record(*m->problems, m->file, pair.first.Mark(),
                   QStringLiteral("a key is %1").arg(kindOf(pair.first)), QStringLiteral("a name"));
            continue;
        }
        const QString key = scalar(pair.first);
        if (seen.contains(key)) {
            record(*m->problems, m->file, pair.first.Mark(),
                   QStringLiteral("'%1' stands here twice").arg(key), QStringLiteral("each name once"));
            continue;
        }
        seen.insert(key);
        auto state = std::make_shared<Value::State>();
        state->file = m->file;
        state->problems = m->problems;
        state->node = pair.second;
        state->present = true;
        state->mark = pair.first.Mark();
        visit(key, Value(std::move(state)));
    }
}

void Map::refuseOthers(const QStringList& known) const
{
    if (!m->node.IsMap()) {
        return;
    }
    QSet<QString> seen;
    for (const auto& pair : m->node) {
        const QString key = pair.first.IsScalar() ? scalar(pair.first) : QString();
        if (seen.contains(key)) {
            record(*m->problems, m->file, pair.first.Mark(),
                   QStringLiteral("'%1' stands here twice").arg(key), QStringLiteral("each key once"));
        } else if (!known.contains(key)) {
            record(*m->problems, m->file, pair.first.Mark(),
                   QStringLiteral("'%1' is not known here").arg(key), known.join(QStringLiteral(", ")));
        }
        seen.insert(key);
    }
}

void Map::problem(const QString& message, const QString& expected) const
{
    record(*m->problems, m->file, m->mark, message, expected);
}

bool Value::present() const
{
    return m->present;
}

void Value::problem(const QString& message, const QString& expected) const
{
    record(*m->problems, m->file, m->mark, message, expected);
}

QString Value::text(const QString& fallback) const
{
    if (!m->present) {
        return fallback;
    }
    if (!m->node.IsScalar() || m->node.Scalar().empty()) {
        problem(QStringLiteral("found %1")
                    .arg(m->node.IsScalar() ? QStringLiteral("an empty text") : kindOf(m->node)),
                QStringLiteral("a text"));
        return fallback;
    }
    return scalar(m->node);
}

QString Value::oneOf(const QStringList& allowed, const QString& fallback) const
{
    if (!m->present) {
        return fallback;
    }
    const QString value = m->node.IsScalar() ? scalar(m->node) : QString();
    if (!allowed.contains(value)) {
        problem(QStringLiteral("found %1").arg(kindOf(m->node)),
                QStringLiteral("one of ") + allowed.join(QStringLiteral(", ")));
        return fallback;
    }
    return value;
}

bool Value::flag(bool fallback) const
{
    return oneOf({QStringLiteral("true"), QStringLiteral("false")},
                 fallback ? QStringLiteral("true") : QStringLiteral("false")) == QLatin1String("true");
}

qint64 Value::integer(qint64 min, qint64 max, qint64 fallback) const
{
    if (!m->present) {
        return fallback;
    }
    bool ok = false;
    const qint64 value = m->node.IsScalar() ? scalar(m->node).toLongLong(&ok) : 0;
    if (!ok || value < min || value > max) {
        problem(QStringLiteral("found %1").arg(kindOf(m->node)),
                QStringLiteral("a whole number from %1 to %2").arg(min).arg(max));
        return fallback;
    }
    return value;
}

qint64 Value::duration(qint64 fallback) const
{
    if (!m->present) {
        return fallback;
    }
    const qint64 ms = m->node.IsScalar() ? parseDuration(scalar(m->node)) : -1;
    if (ms <= 0) {
        problem(QStringLiteral("found %1").arg(kindOf(m->node)),
                QStringLiteral("a duration such as 500ms, 10s, 5m or 2h"));
        return fallback;
    }
    return ms;
}

QStringList Value::list() const
{
    QStringList items;
    if (!m->present || m->node.IsNull()) {
        return items;
    }
    if (!m->node.IsSequence()) {
        problem(QStringLiteral("found %1").arg(kindOf(m->node)),
                QStringLiteral("a list such as [first, second]"));
        return items;
    }
    for (const auto& item : m->node) {
        if (!item.IsScalar()) {
            record(*m->problems, m->file, item.Mark(), QStringLiteral("found %1").arg(kindOf(item)),
                   QStringLiteral("a text"));
            continue;
        }
        items.append(scalar(item));
    }
    return items;
}

bool Value::isMap() const
{
    return m->present && m->node.IsMap();
}

Map Value::map(const QString& expected) const
{
    auto state = std::make_shared<Map::State>();
    state->file = m->file;
    state->problems = m->problems;
    state->mark = m->mark;
    if (m->present) {
        if (m->node.IsMap()) {
            state->node = m->node;
        } else {
            problem(QStringLiteral("found %1").arg(kindOf(m->node)), expected);
        }
    }
    return Map(std::move(state));
}

Document::Document(const QString& text, const QString& file)
    : m_problems(std::make_shared<QList<Problem>>()), m_root(std::make_shared<Map::State>())
{
    m_root->file = file;
    m_root->problems = m_problems;
    if (text.size() > kMaxBytes) {
        record(*m_problems, file, YAML::Mark(), QStringLiteral("the file is larger than 64 MiB"),
               QStringLiteral("a smaller file"));
        return;
    }
    if (const qsizetype at = text.indexOf(QChar::ReplacementCharacter); at >= 0) {
        m_problems->append(Problem{
            .file = file,
            .line = static_cast<int>(text.left(at).count('\n')) + 1,
            .column = static_cast<int>(at - text.lastIndexOf('\n', at)),
            .message = QStringLiteral("U+FFFD stands for bytes that were not UTF-8"),
            .expected = QStringLiteral("a file saved as UTF-8; the character itself as \"\\uFFFD\"")});
        return;
    }
    try {
        // Only the first document is parsed: yaml-cpp finds new ones without end in some texts that are no
        // YAML.
        const YAML::Node node = YAML::Load(text.toStdString());
        if (const YAML::Mark mark = secondDocument(text); mark.line > 0) {
            record(*m_problems, file, mark, QStringLiteral("a second document begins here"),
                   QStringLiteral("one document in a file"));
            return;
        }
        if (!node.IsMap()) {
            record(*m_problems, file, node.Mark(), QStringLiteral("the file holds %1").arg(kindOf(node)),
                   QStringLiteral("a map at the top"));
            return;
        }
        m_root->mark = node.Mark();
        m_root->node = node;
    } catch (const YAML::Exception& e) {
        record(*m_problems, file, e.mark,
               QStringLiteral("this is no YAML: %1").arg(QString::fromStdString(e.msg)),
               QStringLiteral("YAML"));
    }
}

Map Document::root() const
{
    return Map(m_root);
}

const QList<Problem>& Document::problems() const
{
    return *m_problems;
}

Result<void> Document::verdict(const QString& what) const
{
    if (m_problems->isEmpty()) {
        return {};
    }
    QStringList lines;
    for (const Problem& problem : *m_problems) {
        lines.append(problem.toLine());
    }
    return fail(Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("%1 has %2 mistake(s)").arg(what).arg(m_problems->size()),
                      .cause = lines.join(QStringLiteral("; ")),
                      .correction = QStringLiteral("Correct the file at the places named and try again."),
                      .source = QStringLiteral("yaml")});
}

}  // namespace sluice::yaml
