#include "ui/pages/change_requests.h"

#include <QtCore/QCoreApplication>

#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"

namespace sluice::pages {
namespace {

using session::str;

QString tr(const char* text, const char* comment = nullptr, int count = -1)
{
    return QCoreApplication::translate("sluice::pages", text, comment, count);
}

}  // namespace

QString whyNoReset(const session::Session& session, const QString& run)
{
    const QString phase = str(session.openCaseOf(run), u"phase");
    if (phase == QLatin1String("carry out")) {
        return tr("A reset of %1 is under way").arg(run);
    }
    for (const QString& connection : session::strings(session.runs().row(run), u"connections")) {
        const QString why = session.whyNoChanges(connection);
        if (!why.isEmpty()) {
            return tr("Reset waits: %1").arg(why);
        }
    }
    return {};
}

dialogs::ChangeRequest resetRequest(session::Session& session, const QString& run)
{
    QStringList names;
    for (const QJsonObject& task : session.tasks(run).rows()) {
        const QString state = str(task, u"state");
        if (state == QLatin1String("stalled") || state == QLatin1String("failed")) {
            names << str(task, u"task");
        }
    }
    const bool one = names.size() == 1;
    return {.title = one ? tr("Reset %1 with fencing").arg(names.constFirst())
                         : tr("Reset %1 with fencing").arg(run),
            .button = names.isEmpty() ? tr("Reset run")
                                      : tr("Reset %n tasks", nullptr, style::formOf(names.size())),
            .actionClass = 2,
            .planMethod = QStringLiteral("flow.plan_reset"),
            .planParams = {{QStringLiteral("run"), run}},
            .method = QStringLiteral("flow.reset"),
            .params = {{QStringLiteral("run"), run}}};
}

dialogs::ChangeRequest cancelRequest(session::Session& session, const QString& run)
{
    const QJsonObject row = session.runs().row(run);
    return {.title = tr("Cancel %1 of %2").arg(run, str(row, u"flow")),
            .button = tr("Cancel run %1").arg(run),
            .actionClass = 2,
            .planMethod = QStringLiteral("flow.plan_cancel"),
            .planParams = {{QStringLiteral("run"), run}},
            .method = QStringLiteral("flow.cancel"),
            .params = {{QStringLiteral("run"), run}}};
}

dialogs::ChangeRequest approveRequest(session::Session& session, const QJsonObject& task)
{
    const QString run = str(task, u"run");
    const QString flow = str(session.runs().row(run), u"flow");
    const QString message = str(task, u"message");
    return {.title = tr("Approve %1").arg(str(task, u"task")),
            .button = tr("Approve %1").arg(str(task, u"task")),
            .actionClass = 1,
            .question = message.isEmpty()
                            ? tr("%1 of %2 waits for a person. The tasks behind it go on.").arg(run, flow)
                            : tr("%1 of %2 asks: %3 The tasks behind it go on.").arg(run, flow, message),
            .method = QStringLiteral("flow.approve"),
            .params = {{QStringLiteral("run"), run}, {QStringLiteral("task"), str(task, u"task")}}};
}

dialogs::ChangeRequest rotateRequest(const QJsonObject& role)
{
    const QString name = str(role, u"role");
    return {.title = tr("Rotate the key of %1 on %2").arg(name, str(role, u"connection")),
            .button = tr("Rotate key of %1").arg(name),
            .actionClass = 2,
            .planMethod = QStringLiteral("keys.plan_rotate"),
            .planParams = {{QStringLiteral("role"), name}},
            .method = QStringLiteral("keys.rotate"),
            .params = {{QStringLiteral("role"), name}}};
}

dialogs::ChangeRequest renewRequest(const QString& role)
{
    return {.title = tr("Make a new first key for %1").arg(role),
            .button = tr("Make a new key for %1").arg(role),
            .actionClass = 2,
            .planMethod = QStringLiteral("keys.plan_renew"),
            .planParams = {{QStringLiteral("role"), role}},
            .method = QStringLiteral("keys.renew"),
            .params = {{QStringLiteral("role"), role}}};
}

std::optional<dialogs::ChangeRequest> remedyRequest(session::Session& session, const QJsonObject& caseRow)
{
    const QJsonObject remedy = session::obj(caseRow, u"remedy");
    const QString method = str(remedy, u"method");
    if (method == QLatin1String("flow.reset")) {
        return resetRequest(session, str(caseRow, u"run"));
    }
    if (method == QLatin1String("keys.renew")) {
        return renewRequest(str(session::obj(remedy, u"params"), u"role"));
    }
    return std::nullopt;
}

QString whyNoRemedy(session::Session& session, const QJsonObject& caseRow)
{
    const QJsonObject remedy = session::obj(caseRow, u"remedy");
    const QString method = str(remedy, u"method");
    if (method == QLatin1String("flow.reset")) {
        return whyNoReset(session, str(caseRow, u"run"));
    }
    const QString role = str(session::obj(remedy, u"params"), u"role");
    for (const QJsonObject& row : session.roles().rows()) {
        if (method == QLatin1String("keys.renew") && str(row, u"role") == role) {
            return session.whyNoChanges(str(row, u"connection"));
        }
    }
    return {};
}

}  // namespace sluice::pages
