#include "ui/style/english_forms.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QHash>
#include <algorithm>
#include <limits>

namespace sluice::style {
namespace {

struct Forms {
    const char* many;
    const char* one;
};

constexpr Forms kForms[] = {
    {"%n open cases", "%n open case"},
    {"%n gates wait for you", "%n gate waits for you"},
    {"%1 of %2 monitors answer, %3 are needed.", "%1 of %2 monitors answers, %3 are needed."},
    {"%1 tried %2 times: %3", "%1 tried %2 time: %3"},
    {"%n tasks, no mistake", "%n task, no mistake"},
    {"%n OSDs", "%n OSD"},
    {"%1 degraded, %2 misplaced objects", "%1 degraded, %2 misplaced object"},
    {"%n runs go on", "%n run goes on"},
    {"%n runs wait", "%n run waits"},
    {"%1 of %2 runs", "%1 of %2 run"},
    {"%n runs", "%n run"},
    {"%n things need you.", "%n thing needs you."},
    {"%n runs move.", "%n run moves."},
    {"%n connections", "%n connection"},
    {"%1 facts", "%1 fact"},
    {"All %n connections answer within their deadline.", "The connection answers within its deadline."},
    {"copies / min_size; %n internal Ceph pools hidden", "copies / min_size; %n internal Ceph pool hidden"},
    {"last %n lines, times in UTC", "%n line, times in UTC"},
    {"%n OSDs are down: %1.", "%1 is down."},
    {"%n steps", "%n step"},
    {"Reset %n tasks", "Reset %n task"},
    {"%n generations", "%n generation"},
    {"%n tasks wait behind it.", "%n task waits behind it."},
    {"%1 records", "%1 record"},
    {"Exporting: %1 records written to %2 so far", "Exporting: %1 record written to %2 so far"},
    {"%1 of %2 records match.", "%1 of %2 records matches."},
    {"The newest %1 are shown; export them to see all.", "The newest %1 is shown; export them to see all."},
    {"%1 are loaded; scroll on for older ones.", "%1 is loaded; scroll on for older ones."},
    {"%1 of %2 records were looked through.", "%1 of %2 records was looked through."},
    {"All %1 records were searched.", "The %1 record was searched."},
    {"%1 records were written to %2", "%1 record was written to %2"},
    {", %n tasks behind", ", %n task behind"},
    {"%n OSDs not up and in", "%n OSD not up and in"},
    {"%1, %2 OSDs, %3 % used, %4 not up and in", "%1, %2 OSD, %3 % used, %4 not up and in"},
    {"%n are needed", "%n is needed"},
    {"%1 tasks", "%1 task"},
    {"%1 objects", "%1 object"},
    {"%1 locks", "%1 lock"},
    {"%1 symbolic links", "%1 symbolic link"},
    {"%1 FIFOs, sockets or devices", "%1 FIFO, socket or device"},
    {"%1 empty folders", "%1 empty folder"},
    {"%1 unfinished copies of a run", "%1 unfinished copy of a run"},
    {"extended attributes of %1 files", "extended attributes of %1 file"},
    {"attributes of %1 objects", "attributes of %1 object"},
    {"omaps of %1 objects", "omap of %1 object"},
    {"snapshots of %1 objects", "snapshots of %1 object"},
    {"%1 objects in other namespaces", "%1 object in another namespace"},
    {"metadata of %1 objects", "metadata of %1 object"},
    {"tags of %1 objects", "tags of %1 object"},
    {"%1 older versions", "%1 older version"},
    {"%1 folder markers", "%1 folder marker"},
    {"refused %1 times", "refused %1 time"},
};

}  // namespace

void EnglishForms::installOn(QCoreApplication& application)
{
    if (!application.findChild<EnglishForms*>(QString(), Qt::FindDirectChildrenOnly)) {
        QCoreApplication::installTranslator(new EnglishForms(&application));
    }
}

QString EnglishForms::translate(const char*, const char* text, const char*, int count) const
{
    static const QHash<QLatin1StringView, const char*> ones = [] {
        QHash<QLatin1StringView, const char*> made;
        for (const Forms& row : kForms) {
            made.insert(QLatin1StringView(row.many), row.one);
        }
        return made;
    }();
    // null: as it stands in the source
    return count == 1 ? QString::fromUtf8(ones.value(QLatin1StringView(text))) : QString();
}

int formOf(qint64 count)
{
    return static_cast<int>(std::clamp<qint64>(count, 0, std::numeric_limits<int>::max()));
}

}  // namespace sluice::style
