#include "ui/pages/record_panel.h"

#include "core/canonical_json.h"
#include "core/units.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/layout.h"
#include "ui/session/row.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/key_values.h"
#include "ui/widgets/note_bar.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/state_label.h"

namespace sluice::pages {

using session::num;
using session::str;
using widgets::KeyValue;

namespace {

/// The block as high as its text is laid out in it.
void showWhole(widgets::CodeBlock& block)
{
    const int lines = static_cast<int>(block.document()->size().height());
    block.setMinimumHeight(lines * block.fontMetrics().lineSpacing() + block.fontMetrics().height() + 12);
}

}  // namespace

QString shortHash(const QString& hash)
{
    return hash.size() < 12 ? hash
                            : QStringLiteral("%1 %2 … %3").arg(hash.left(4), hash.mid(4, 4), hash.right(4));
}

RecordPanel::RecordPanel(const PageContext& context, QWidget* parent) : QWidget(parent), m_context(context)
{
    const style::Theme& theme = context.theme;
    auto* outer = plain<QVBoxLayout>(this);
    outer->setContentsMargins(1, 0, 0, 0);
    auto* scroll = new ScrollColumn(this);
    auto* column = scroll->content();
    column->setContentsMargins(style::kPagePadding, 4, style::kPagePadding, 16);
    m_head = new widgets::SectionHead(theme, tr("Record"), scroll);
    m_outcome = new widgets::StateLabel(theme, m_head);
    m_outcome->setObjectName(QStringLiteral("recordOutcome"));
    m_head->addWidget(m_outcome);
    m_facts = new widgets::KeyValues(theme, scroll);
    m_facts->setObjectName(QStringLiteral("recordFacts"));
    m_facts->setKeyWidth(88);
    m_note = new widgets::NoteBar(theme, scroll);
    m_note->setObjectName(QStringLiteral("recordNote"));
    m_bodyHead = new widgets::SectionHead(theme, tr("Exact record"), scroll);
    m_bodyHead->setNote(tr("the bytes that are hashed"));
    m_body = new widgets::CodeBlock(theme, scroll);
    m_body->setObjectName(QStringLiteral("recordBody"));
    m_chainHead = new widgets::SectionHead(theme, tr("Place in the chain"), scroll);
    m_chainHead->setNote(tr("each record names the one before"));
    m_chain = new widgets::KeyValues(theme, scroll);
    m_chain->setObjectName(QStringLiteral("recordChain"));
    m_chain->setKeyWidth(88);
    column->addWidget(m_head);
    column->addWidget(m_facts);
    column->addSpacing(8);
    column->addWidget(m_note);
    column->addWidget(m_bodyHead);
    column->addWidget(m_body);
    column->addWidget(m_chainHead);
    column->addWidget(m_chain);
    column->addStretch(1);
    outer->addWidget(scroll);
}

void RecordPanel::setRecord(const QJsonObject& record, const QJsonObject& before, const QJsonObject& after)
{
    const bool any = !record.isEmpty();
    for (QWidget* part :
         std::initializer_list<QWidget*>{m_facts, m_bodyHead, m_body, m_chainHead, m_chain, m_outcome}) {
        part->setVisible(any);
    }
    m_note->setVisible(false);
    if (!any) {
        m_head->setTitle(tr("No record picked"));
        return;
    }
    const qint64 seq = num(record, u"seq");
    m_head->setTitle(tr("Record %1").arg(formatCount(seq)));
    m_outcome->setState(models::auditMark(str(record, u"outcome")));
    QList<KeyValue> rows;
    const auto add = [&rows](const QString& key, const QString& value, const QString& note = {},
                             bool mono = false) {
        if (!value.isEmpty()) {
            rows.append({.key = key, .value = value, .note = note, .mono = mono});
        }
    };
    const QString time = str(record, u"time");
    const QString via = str(record, u"via");
    add(tr("Action"), str(record, u"action"));
    add(tr("Who"), str(record, u"principal"), str(record, u"role"));
    add(tr("Through"), via);
    add(tr("Reason"), str(record, u"reason"));
    add(tr("Class"), models::classMeaning(static_cast<int>(num(record, u"class"))));
    for (const QString& object : session::strings(record, u"objects")) {
        add(tr("Objects"), object, {}, true);
    }
    add(tr("Day"), time.left(10), tr("UTC"));
    // An outcome is written after the call, a request before it.
    add(tr("Time"), time.mid(11, 12),
        str(record, u"outcome") == QLatin1String("intent") ? tr("written before the call") : QString());
    add(tr("Request"), str(record, u"requestId"), {}, true);
    add(tr("Plan"), shortHash(str(record, u"planHash")), {}, true);
    add(tr("State"), shortHash(str(record, u"stateHash")), {}, true);
    // One name for all objects, the rest of them stand below it.
    bool first = true;
    for (KeyValue& row : rows) {
        if (row.key == tr("Objects")) {
            row.key = first ? row.key : QString();
            first = false;
        }
    }
    m_facts->setRows(rows);

    QJsonObject body = record;
    body.remove(QStringLiteral("hash"));
    body.remove(QStringLiteral("id"));
    const QByteArray bytes = canonicalJson(body);
    m_body->setText(QString::fromUtf8(visibleJson(bytes)));
    showWhole(*m_body);
    const QString hash = str(record, u"hash");
    const bool holds = sha256Of(bytes) == hash;
    const bool linked = before.isEmpty() || str(before, u"hash") == str(record, u"prev");
    if (!holds || !linked) {
        m_note->setVisible(true);
        m_note->setTone(style::Tone::Crit);
        m_note->setTexts(holds ? tr("This record names another hash than the record before it has.")
                               : tr("This record does not have the hash it carries."),
                         tr("It was changed after it was written. Verify the chain."));
    }
    QList<KeyValue> chain;
    if (!before.isEmpty()) {
        chain.append({.key = formatCount(num(before, u"seq")),
                      .value = shortHash(str(before, u"hash")),
                      .mono = true});
    } else {
        chain.append({.key = tr("before"), .value = shortHash(str(record, u"prev")), .mono = true});
    }
    chain.append({.key = formatCount(seq),
                  .value = shortHash(hash),
                  .note = holds ? tr("checked here: equal") : tr("checked here: not equal"),
                  .mono = true,
                  .tone = holds ? style::Tone::Neutral : style::Tone::Crit});
    if (!after.isEmpty()) {
        chain.append(
            {.key = formatCount(num(after, u"seq")), .value = shortHash(str(after, u"hash")), .mono = true});
    }
    m_chain->setRows(chain);
}

}  // namespace sluice::pages
