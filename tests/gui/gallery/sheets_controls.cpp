#include <QtGui/QStandardItemModel>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QRadioButton>
#include <QtWidgets/QTabBar>
#include <QtWidgets/QTreeWidget>

#include "samples.h"
#include "sheets.h"
#include "ui/style/state_words.h"
#include "ui/style/theme.h"
#include "ui/widgets/age_label.h"
#include "ui/widgets/button.h"
#include "ui/widgets/cell_delegate.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/class_mark.h"
#include "ui/widgets/progress_bar.h"
#include "ui/widgets/search_field.h"
#include "ui/widgets/section.h"
#include "ui/widgets/section_head.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_label.h"
#include "ui/widgets/table_view.h"
#include "ui/widgets/text_label.h"

namespace sluice::gallery {

using namespace style;
using namespace widgets;

QWidget* wordsSheet(const Theme& theme)
{
    auto* sheet = pane(1180, 940);
    auto* grid = new QGridLayout;
    grid->setContentsMargins(20, 16, 20, 16);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(3);
    static const QStringList kNames{
        "Task",        "Run",      "Availability",   "Redundancy",    "Posture",     "Osd",      "Mon",
        "MonQuorum",   "Pg",       "Lock",           "Gateway",       "Connection",  "Session",  "Lease",
        "HealthCheck", "DrbdDisk", "DrbdConnection", "KeyGeneration", "Rotation",    "Step",     "Cause",
        "CasePhase",   "Action",   "Audit",          "AuditChain",    "AirflowTask", "LuigiTask"};
    int row = 0;
    int column = 0;
    for (const Domain domain : allDomains()) {
        QStringList states = statesOf(domain);
        if (domain == Domain::Pg) {
            states = {"active+clean",
                      "active+clean+scrubbing+deep",
                      "active+undersized+degraded+remapped+backfilling",
                      "active+undersized+degraded",
                      "peering",
                      "down"};
        }
        if (row + states.size() > 33) {
            row = 0;
            ++column;
        }
        grid->addWidget(new TextLabel(theme, kNames.at(int(domain)), Type::Small, Ink::Tertiary), row++,
                        column);
        for (const QString& state : states) {
            auto* label = new StateLabel(theme);
            label->setState(stateWord(domain, state));
            grid->addWidget(label, row++, column);
        }
    }
    columnOf(sheet)->addLayout(grid);
    columnOf(sheet)->addStretch(1);
    return sheet;
}

namespace {

QStandardItem* cell(const QString& text, std::initializer_list<std::pair<int, QVariant>> roles = {})
{
    auto* item = new QStandardItem(text);
    for (const auto& [role, value] : roles) {
        item->setData(value, role);
    }
    return item;
}

QStandardItemModel* runsModel(QObject* parent)
{
    auto* model = new QStandardItemModel(0, 6, parent);
    model->setHorizontalHeaderLabels({"State", "Run", "Tasks done", "Throughput", "Ends", "System"});
    for (const int column : {3, 4}) {
        model->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    }
    struct Run {
        const char* state;
        const char* name;
        const char* id;
        double fraction;
        const char* done;
        const char* rate;
        const char* ends;
        const char* system;
    };
    for (const Run& run :
         {Run{"stalled", "nightly-train", "R-4182", 0.5, "7 of 14", "38 MiB/s", "not known", "vega"},
          Run{"running", "lake-compact", "R-4179", 0.66, "1,312 of 2,000", "1.42 GiB/s", "04:36", "atlas"},
          Run{"running", "ingest-clicks-hourly", "R-4185", 0.71, "5 of 7", "188 MiB/s", "03:21", "vega"},
          Run{"verifying", "publish-catalog", "R-4186", 0.89, "8 of 9", "74 MiB/s", "03:16", "atlas"},
          Run{"done", "retention", "R-4177", 1, "3 of 3", "0 B/s", "00:38", "vega"},
          Run{"failed", "feature-backfill", "R-4170", 0.2, "8 of 40", "0 B/s", "00:12", "vega"}}) {
        const StateWord word = stateWord(Domain::Run, QString::fromLatin1(run.state));
        model->appendRow(
            {cell({}, {{StateRole, QVariant::fromValue(word)}}),
             cell(run.name, {{NameRole, true}, {NoteRole, run.id}}),
             cell(run.done, {{FractionRole, run.fraction},
                             {ToneRole, int(word.tone == Tone::Neutral ? Tone::Progress : word.tone)}}),
             cell(run.rate, {{FigureRole, true}}),
             cell(run.ends, {{Qt::TextAlignmentRole, int(Qt::AlignRight)}}),
             cell(run.system, {{InkRole, int(Ink::Secondary)}})});
    }
    return model;
}

QWidget* buttonRow(const Theme& theme)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* primary = new Button(theme, "Open case C-318", ButtonLook::Primary);
    primary->setKeyCap("C");
    auto* outline = new Button(theme, "Reset task…");
    outline->setKeyCap("R");
    auto* icon = new Button(theme, "Hand-over text");
    icon->setIconName("copy");
    auto* quiet = new Button(theme, "Export evidence", ButtonLook::Quiet);
    quiet->setIconName("export");
    auto* disabled = new Button(theme, "Close case", ButtonLook::Primary);
    disabled->setAvailable(false, "Close waits for the verification, 46 s left.");
    auto* plain = new QPushButton("Plain push button");
    for (QWidget* widget : std::initializer_list<QWidget*>{primary, outline, icon, quiet, disabled}) {
        layout->addWidget(widget);
    }
    layout->addWidget(
        new TextLabel(theme, "Close waits for the verification, 46 s left.", Type::Body, Ink::Secondary));
    layout->addWidget(plain);
    layout->addStretch(1);
    return row;
}

QWidget* inputRow(const Theme& theme)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    auto* filter = new SearchField(theme, "filter", "/");
    filter->setPlaceholderText("flow, run, task or state");
    filter->setFixedWidth(240);
    auto* typed = new SearchField(theme, "search", "/");
    typed->setText("since:00:00");
    typed->setNote("16 of 48,213");
    typed->setFixedWidth(240);
    auto* edit = new QLineEdit("Holder ended at 03:01:44");
    auto* combo = new QComboBox;
    combo->addItems({"All systems", "vega"});
    auto* checked = new QCheckBox("Follow");
    checked->setChecked(true);
    auto* radio = new QRadioButton("Dark");
    radio->setChecked(true);
    for (QWidget* widget : std::initializer_list<QWidget*>{
             filter, typed, edit, combo, checked, new QCheckBox("Wrap"), radio, new QRadioButton("Light")}) {
        layout->addWidget(widget);
    }
    layout->addStretch(1);
    return row;
}

QWidget* chipRow(const Theme& theme)
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    bool first = true;
    for (const auto& [state, count] : {std::pair{"stalled", "1"},
                                       {"running", "44"},
                                       {"verifying", "12"},
                                       {"waiting", "567"},
                                       {"done", "1,312"}}) {
        auto* chip = new Chip(theme);
        chip->setState(stateWord(Domain::Task, QString::fromLatin1(state)));
        chip->setCount(count);
        chip->setChecked(first);
        first = false;
        layout->addWidget(chip);
    }
    auto* plain = new Chip(theme);
    plain->setText("everyone");
    layout->addWidget(plain);
    layout->addWidget(new Segmented(theme, {"Graph", "Table", "Timeline"}));
    auto* mark = new ClassMark(theme);
    mark->setActionClass(2);
    layout->addWidget(mark);
    auto* bar = new ProgressBar(theme);
    bar->setFraction(0.62);
    layout->addWidget(bar);
    auto* age = new AgeLabel(theme);
    age->setObservedAt(kNowMs - 4000, 10000);
    age->refresh(kNowMs);
    layout->addWidget(age);
    auto* old = new AgeLabel(theme);
    old->setObservedAt(kNowMs - 134000, 10000);
    old->refresh(kNowMs);
    layout->addWidget(old);
    layout->addStretch(1);
    return row;
}

}  // namespace

QWidget* controlsSheet(const Theme& theme)
{
    auto* sheet = pane(1120, 760);
    auto* controls = new Section(theme, "Controls");
    controls->head()->setCount("4");
    for (QWidget* row : {buttonRow(theme), inputRow(theme), chipRow(theme)}) {
        controls->addWidget(row);
    }
    auto* tabs = new QTabBar;
    for (const char* text : {"Runs", "Flow files", "Schedules"}) {
        tabs->addTab(text);
    }
    tabs->setExpanding(false);
    controls->addWidget(tabs);
    columnOf(sheet)->addWidget(controls);

    auto* runs = new Section(theme, "Runs in progress");
    runs->head()->setCount("6");
    runs->head()->setNote("12 finished in the last hour, 1 failed");
    runs->content()->setContentsMargins(12, 0, 12, 0);
    auto* table = new TableView(theme);
    table->setModel(runsModel(table));
    table->setFitRows(true);
    table->setStretchColumn(1);
    for (const auto& [column, width] : {std::pair{0, 100}, {2, 190}, {3, 110}, {4, 90}, {5, 80}}) {
        table->setColumnWidth(column, width);
    }
    table->selectRow(2);
    runs->addWidget(table);
    columnOf(sheet)->addWidget(runs);

    auto* lower = new QHBoxLayout;
    auto* list = new SideList(theme);
    list->setFixedWidth(kSideList);
    auto* model = new QStandardItemModel(list);
    model->appendRow(cell("Stalled", {{GroupRole, true}, {NoteRole, "1"}}));
    model->appendRow(
        cell("nightly-train", {{StateRole, QVariant::fromValue(stateWord(Domain::Run, u"stalled"))},
                               {NoteRole, "R-4182"},
                               {SecondLineRole, "7 of 14, no progress"},
                               {FractionRole, 0.5}}));
    model->appendRow(cell("Running", {{GroupRole, true}, {NoteRole, "4"}}));
    model->appendRow(
        cell("lake-compact", {{StateRole, QVariant::fromValue(stateWord(Domain::Run, u"running"))},
                              {NoteRole, "R-4179"},
                              {SecondLineRole, "1,312 of 2,000"},
                              {FractionRole, 0.66}}));
    list->setModel(model);
    list->setCurrentIndex(model->index(1, 0));
    lower->addWidget(list);
    auto* tree = new QTreeWidget;
    tree->setHeaderLabels({"CRUSH", "Use"});
    auto* root = new QTreeWidgetItem(tree, {"default", ""});
    new QTreeWidgetItem(root, {"host vega-1", "70 %"});
    root->setExpanded(true);
    lower->addWidget(tree, 1);
    columnOf(sheet)->addLayout(lower, 1);
    return sheet;
}

}  // namespace sluice::gallery
