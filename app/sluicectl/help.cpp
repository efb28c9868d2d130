#include "help.h"

#include "command.h"
#include "table.h"

namespace sluice::ctl {
namespace {

constexpr int kWidth = 96;

QString wrapped(const QString& text, const QString& indent)
{
    QString out;
    QString line = indent;
    const QStringList words = text.split(' ', Qt::SkipEmptyParts);
    for (const QString& word : words) {
        if (line.size() > indent.size() && line.size() + word.size() + 1 > kWidth) {
            out += line + '\n';
            line = indent;
        }
        line += (line.size() > indent.size() ? QStringLiteral(" ") : QString()) + word;
    }
    return out + line + '\n';
}

QString usageLine(const Command& command)
{
    QString line = QStringLiteral("sluicectl ") + command.name;
    for (const QString& argument : command.arguments) {
        line += ' ' + argument;
    }
    return line;
}

QString optionsText(const QList<Option>& options)
{
    Table table({});
    for (const Option& option : options) {
        table.add(
            {QStringLiteral("  --") + option.name + (option.value.isEmpty() ? QString() : ' ' + option.value),
             option.doc});
    }
    return table.text();
}

QString commandHelp(const Command& command)
{
    QString out = QStringLiteral("Usage: %1 [options]\n\n").arg(usageLine(command));
    out += wrapped(command.summary.left(1).toUpper() + command.summary.mid(1) + '.', {});
    if (!command.help.isEmpty()) {
        out += '\n' + wrapped(command.help, {});
    }
    if (!command.options.isEmpty()) {
        out += QStringLiteral("\nOptions:\n") + optionsText(command.options);
    }
    out += QStringLiteral("\nOptions of every command:\n") + optionsText(commonOptions(command.watchable));
    return out;
}

}  // namespace

QString helpText(const QString& topic)
{
    QList<Command> matching;
    for (const Command& command : commands()) {
        if (command.name == topic) {
            return commandHelp(command);
        }
        if (topic.isEmpty() || command.name.startsWith(topic + ' ')) {
            matching.append(command);
        }
    }
    if (matching.isEmpty()) {
        return {};
    }
    Table table({});
    for (const Command& command : matching) {
        table.add({QStringLiteral("  ") + usageLine(command).mid(10), command.summary});
    }
    QString out = QStringLiteral("Usage: sluicectl COMMAND [options]\n\n");
    if (topic.isEmpty()) {
        out = QStringLiteral("sluicectl talks to a running sluiced.\n\n") + out;
    }
    out += table.text();
    if (topic.isEmpty()) {
        out += QStringLiteral("\nOptions of every command:\n") + optionsText(commonOptions(true));
        out += QStringLiteral(
            "\nEnds with 0 done · 1 failed · 2 wrong usage · 3 no engine · 4 refused or wrong input · "
            "5 not verified or outcome unknown.\nMore: sluicectl COMMAND --help\n");
    }
    return out;
}

}  // namespace sluice::ctl
