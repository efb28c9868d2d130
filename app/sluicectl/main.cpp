#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>
#include <cstdio>

#include "arguments.h"
#include "context.h"
#include "help.h"

using namespace sluice;
using namespace sluice::ctl;

namespace {

int show(FILE* stream, const QString& text, ExitCode code)
{
    std::fputs(text.toUtf8().constData(), stream);
    return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("sluicectl"));
    const QStringList words = QCoreApplication::arguments().mid(1);
    // Looked for in the words themselves: of a command line that is wrong nothing else is known.
    const bool json = words.contains(QStringLiteral("--json"));
    const auto arguments = parseArguments(words);
    if (!arguments) {
        printError(arguments.error(), json);
        return static_cast<int>(ExitCode::Usage);
    }
    if (arguments->version) {
        return show(stdout, QStringLiteral("sluicectl " SLUICE_VERSION "\n"), ExitCode::Ok);
    }
    if (arguments->help) {
        const QString text = helpText(arguments->helpTopic);
        if (text.isEmpty()) {
            printError({.code = ErrorCode::InvalidArgument,
                        .message = QStringLiteral("there is no command '%1'").arg(arguments->helpTopic),
                        .correction = QStringLiteral("See: sluicectl --help"),
                        .source = QStringLiteral("sluicectl")},
                       json);
            return static_cast<int>(ExitCode::Usage);
        }
        return show(stdout, text, ExitCode::Ok);
    }
    Context context(*arguments);
    QTimer::singleShot(0, &context, &Context::start);
    return app.exec();
}
