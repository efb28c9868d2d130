#include "ui/models/task_kind.h"

#include "ui/models/texts.h"
#include "ui/session/row.h"

namespace sluice::models {

using session::has;
using session::str;

namespace {

bool trait(const QJsonObject& task, QStringView name, bool otherwise)
{
    return has(task, name) ? task.value(name).toBool() : otherwise;
}

}  // namespace

bool asksAPerson(const QJsonObject& task)
{
    return trait(task, u"asksAPerson", has(task, u"message"));
}

bool asksNow(const QJsonObject& task)
{
    return asksAPerson(task) && str(task, u"state") == QLatin1String("ready");
}

bool movesObjects(const QJsonObject& task)
{
    return trait(task, u"keepsManifest", has(task, u"hops"));
}

bool comparesOnly(const QJsonObject& task)
{
    return trait(task, u"onlyReads", has(task, u"from") && !has(task, u"to"));
}

QString kindTitle(const QJsonObject& task)
{
    const QString title = str(task, u"kindTitle");
    return translated(title.isEmpty() ? str(task, u"kind") : title);
}

}  // namespace sluice::models
