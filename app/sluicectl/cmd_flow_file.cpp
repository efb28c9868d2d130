#include <QtCore/QFile>
#include <QtCore/QJsonArray>

#include "command.h"
#include "context.h"
#include "core/read_file.h"
#include "core/utf8.h"
#include "run_text.h"
#include "words.h"

namespace sluice::ctl {
namespace {

constexpr qint64 kMaxFile = 15 * 1024 * 1024;  // the engine takes messages of 16 MiB

Result<QByteArray> readStandardInput()
{
    QFile file;
    QByteArray text;
    if (file.open(stdin, QIODevice::ReadOnly)) {
        text = file.read(kMaxFile + 1);
    }
    if (text.size() > kMaxFile || (text.isEmpty() && file.error() != QFile::NoError)) {
        return fail(
            Error{.message = QStringLiteral("Standard input cannot be read"),
                  .cause = text.isEmpty() ? file.errorString() : QStringLiteral("it is larger than 15 MiB")});
    }
    return text;
}

/// Ends the command if the file cannot be read.
bool readFile(Context& context, QJsonObject* params)
{
    const QString name = context.argument(0);
    const auto text = name == QLatin1String("-") ? readStandardInput() : readRegularFile(name, kMaxFile);
    if (!text) {
        Error error = text.error();
        error.code = ErrorCode::InvalidArgument;
        error.correction = QStringLiteral("Name a flow file of at most 15 MiB, or - for standard input.");
        error.source = QStringLiteral("sluicectl");
        context.finish(error);
        return false;
    }
    const QString shown = name == QLatin1String("-") ? QStringLiteral("<stdin>") : name;
    if (const auto bad = firstBadByte(*text)) {
        context.finish(Error{
            .code = ErrorCode::InvalidArgument,
            .message =
                QStringLiteral("%1:%2:%3: %4")
                    .arg(shown, QString::number(bad->line), QString::number(bad->column), bad->toText()),
            .cause = QStringLiteral("a name written in another encoding would become another name"),
            .correction = QStringLiteral("Save the file as UTF-8."),
            .source = QStringLiteral("sluicectl")});
        return false;
    }
    *params = {{"text", QString::fromUtf8(*text)}, {"file", shown}};
    return true;
}

QString problemLine(const QJsonObject& problem)
{
    const QString expected = problem["expected"].toString();
    return QStringLiteral("%1:%2:%3: %4%5\n")
        .arg(problem["file"].toString(), QString::number(problem["line"].toInt()),
             QString::number(problem["column"].toInt()), problem["message"].toString(),
             expected.isEmpty() ? QString() : QStringLiteral(" (expected %1)").arg(expected));
}

QString problemLines(const QJsonObject& answer)
{
    QString out;
    for (const QJsonValue& problem : answer["errors"].toArray()) {
        out += problemLine(problem.toObject());
    }
    return out;
}

void submit(Context& context, const QJsonObject& params)
{
    context.change(QStringLiteral("flow.submit"), params, [&context](const QJsonObject& answer) {
        const QString run = answer["run"].toString();
        if (context.watch()) {
            watchRun(context, run);
            return;
        }
        if (context.json()) {
            context.printJson(answer);
        } else {
            context.print(run + '\n');
        }
        context.finish(ExitCode::Ok);
    });
}

}  // namespace

void runFlowCheck(Context& context)
{
    QJsonObject params;
    if (!readFile(context, &params)) {
        return;
    }
    context.call(QStringLiteral("flow.check"), params, [&context](const QJsonObject& answer) {
        const bool ok = answer["ok"].toBool();
        if (context.json()) {
            context.printJson(answer);
        } else if (ok) {
            context.print(QStringLiteral("%1 is right: flow %2, %3\n")
                              .arg(context.argument(0), answer["flow"].toString(),
                                   counted(answer["tasks"].toInteger(), QStringLiteral("task"))));
        } else {
            context.print(problemLines(answer));
        }
        context.finish(ok ? ExitCode::Ok : ExitCode::Refused);
    });
}

void runFlowSubmit(Context& context)
{
    QJsonObject params;
    if (!readFile(context, &params)) {
        return;
    }
    // Checked first, so that a mistake is shown at its place; the engine checks again when it stores.
    context.call(QStringLiteral("flow.check"), params, [&context, params](const QJsonObject& answer) {
        if (answer["ok"].toBool()) {
            submit(context, params);
            return;
        }
        if (context.json()) {
            context.printJson(answer);
        }
        context.remark(problemLines(answer));
        context.remark(QStringLiteral("sluicectl: nothing was stored\n"));
        context.finish(ExitCode::Refused);
    });
}

}  // namespace sluice::ctl
