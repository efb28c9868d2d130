#include "arguments.h"

#include <algorithm>

namespace sluice::ctl {
namespace {

Error usage(const QString& message, const QString& correction)
{
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = message,
                 .correction = correction,
                 .source = QStringLiteral("sluicectl")};
}

const Command* findCommand(const QStringList& words, int* length)
{
    for (int count = std::min<int>(2, static_cast<int>(words.size())); count > 0; --count) {
        const QString name = words.mid(0, count).join(' ');
        for (const Command& command : commands()) {
            if (command.name == name) {
                *length = count;
                return &command;
            }
        }
    }
    return nullptr;
}

const Option* findOption(const QList<Option>& options, const QString& name)
{
    const auto it =
        std::find_if(options.cbegin(), options.cend(), [&](const Option& o) { return o.name == name; });
    return it == options.cend() ? nullptr : &*it;
}

Result<void> checkCount(const Arguments& arguments)
{
    const QStringList& wanted = arguments.command->arguments;
    const auto least =
        std::count_if(wanted.cbegin(), wanted.cend(), [](const QString& a) { return !a.startsWith('['); });
    const QString hint = QStringLiteral("See: sluicectl %1 --help").arg(arguments.command->name);
    if (arguments.positional.size() < least) {
        return fail(usage(QStringLiteral("%1 is missing").arg(wanted.at(arguments.positional.size())), hint));
    }
    if (arguments.positional.size() > wanted.size()) {
        return fail(
            usage(QStringLiteral("'%1' is too much").arg(arguments.positional.at(wanted.size())), hint));
    }
    return {};
}

struct Split {
    QStringList plain{};
    QHash<QString, QStringList> given{};
};

/// An option means the same in every command that has it, so what it takes is known before the command is.
Result<Split> splitWords(const QStringList& words)
{
    static const QList<Option> kAll = [] {
        QList<Option> all = commonOptions(true);
        for (const Command& command : commands()) {
            all += command.options;
        }
        return all + QList<Option>{{"version", "", ""}};
    }();
    const QString hint = QStringLiteral("See: sluicectl --help");
    Split out;
    for (qsizetype i = 0; i < words.size(); ++i) {
        const QString& word = words.at(i);
        if (word == QLatin1String("--")) {
            out.plain += words.mid(i + 1);
            break;
        }
        if (!word.startsWith('-') || word == QLatin1String("-")) {
            out.plain.append(word);
            continue;
        }
        const QString name =
            word == QLatin1String("-h") ? QStringLiteral("help") : word.mid(2).section('=', 0, 0);
        const Option* option = word.startsWith(QLatin1String("--")) || word == QLatin1String("-h")
                                   ? findOption(kAll, name)
                                   : nullptr;
        if (!option) {
            return fail(usage(QStringLiteral("there is no option %1").arg(word.section('=', 0, 0)), hint));
        }
        QString value;
        if (word.contains('=')) {
            value = word.section('=', 1);
            if (option->value.isEmpty()) {
                return fail(usage(QStringLiteral("--%1 takes no value").arg(name), hint));
            }
        } else if (!option->value.isEmpty()) {
            if (++i >= words.size() || words.at(i).startsWith(QLatin1String("--"))) {
                return fail(usage(QStringLiteral("--%1 wants %2").arg(name, option->value), hint));
            }
            value = words.at(i);
        }
        out.given[name].append(value);
    }
    return out;
}

}  // namespace

QString Arguments::value(const QString& option, const QString& otherwise) const
{
    const auto it = options.constFind(option);
    return it == options.constEnd() ? otherwise : it->last();
}

Result<Arguments> parseArguments(const QStringList& words)
{
    const auto split = splitWords(words);
    if (!split) {
        return fail(split.error());
    }
    Arguments out;
    out.version = split->given.contains(QLatin1String("version"));
    out.help = split->given.contains(QLatin1String("help"));
    const QStringList& plain = split->plain;
    if (out.version) {
        return out;
    }
    if (plain.isEmpty() || plain.first() == QLatin1String("help")) {
        if (plain.isEmpty() && !out.help) {
            return fail(
                usage(QStringLiteral("no command was given"), QStringLiteral("See: sluicectl --help")));
        }
        out.help = true;
        out.helpTopic = plain.mid(1).join(' ');
        return out;
    }
    int length = 0;
    out.command = findCommand(plain, &length);
    if (out.help) {
        out.helpTopic = out.command ? out.command->name : plain.first();
        return out;
    }
    if (!out.command) {
        return fail(usage(QStringLiteral("there is no command '%1'").arg(plain.mid(0, 2).join(' ')),
                          QStringLiteral("See: sluicectl --help")));
    }
    const QList<Option> known = out.command->options + commonOptions(out.command->watchable);
    for (auto it = split->given.constBegin(); it != split->given.constEnd(); ++it) {
        if (!findOption(known, it.key())) {
            return fail(usage(QStringLiteral("'%1' has no option --%2").arg(out.command->name, it.key()),
                              QStringLiteral("See: sluicectl %1 --help").arg(out.command->name)));
        }
    }
    out.options = split->given;
    out.positional = plain.mid(length);
    if (const auto counted = checkCount(out); !counted) {
        return fail(counted.error());
    }
    return out;
}

}  // namespace sluice::ctl
