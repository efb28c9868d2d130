#include "ui/systems/ceph/quorum_loss.h"

#include <QtCore/QCoreApplication>
#include "core/units.h"
#include "ui/models/freshness.h"
#include "ui/models/words.h"
#include "ui/session/row.h"
#include "ui/session/session.h"
#include "ui/style/english_forms.h"

namespace sluice::systems::ceph {
namespace {

using namespace models;

QString tr(const char* text, const char* comment = nullptr, int count = -1)
{
    return QCoreApplication::translate("sluice::systems::ceph", text, comment, count);
}

using session::facts;
using session::num;
using session::obj;
using session::str;
using session::time;
using style::Glyph;
using style::Tone;

QJsonObject line(const QString& id, const QString& what, const style::StateWord& word,
                 const QString& evidence, qint64 atMs)
{
    return {{QStringLiteral("id"), id},
            {QStringLiteral("what"), what},
            {QStringLiteral("word"), word.word},
            {QStringLiteral("glyph"), static_cast<int>(word.glyph)},
            {QStringLiteral("tone"), static_cast<int>(word.tone)},
            {QStringLiteral("evidence"), evidence},
            {QStringLiteral("at"), static_cast<double>(atMs)}};
}

style::StateWord word(const QString& text, Glyph glyph, Tone tone)
{
    return {.word = text, .glyph = glyph, .tone = tone, .known = true};
}

bool touches(const QJsonObject& task, const QString& connection)
{
    const QString place = QStringLiteral("://%1/").arg(connection);
    return (str(task, u"from") + '/').contains(place) || (str(task, u"to") + '/').contains(place);
}

/// What was found by trying long ago, or by an engine that is silent now, is not known to work.
void loseGreen(const session::Session& session, const QString& connection, QJsonObject& row)
{
    const qint64 at = num(row, u"at");
    const qint64 limit = staleAfterMs(session.estateRow(connection, QStringLiteral("connection")));
    if (num(row, u"tone") == static_cast<int>(Tone::Ok) && at > 0 && session.nowMs() - at > limit) {
        row[QStringLiteral("word")] = tr("unknown, was: %1").arg(str(row, u"word"));
        row[QStringLiteral("glyph")] = static_cast<int>(Glyph::RingQ);
        row[QStringLiteral("tone")] = static_cast<int>(Tone::Neutral);
    }
}

/// Tasks are followed run by run, so only the newest unfinished runs of a connection are looked at.
constexpr int kRunsLookedAt = 4;

QStringList unfinishedRunsOn(const session::Session& session, const QString& connection)
{
    QStringList runs;
    for (const QJsonObject& run : session.runs().rows()) {
        const QStringList known = session::strings(run, u"connections");
        if (time(run, u"endedAt") == 0 && (known.isEmpty() || known.contains(connection)) &&
            runs.size() < kRunsLookedAt) {
            runs << str(run, u"id");
        }
    }
    return runs;
}

/// The first task of the unfinished runs on this connection that `wanted` accepts.
QJsonObject taskOn(session::Session& session, const QString& connection,
                   const std::function<bool(const QJsonObject&)>& wanted)
{
    for (const QString& run : unfinishedRunsOn(session, connection)) {
        for (const QJsonObject& task : session.tasks(run).rows()) {
            if (touches(task, connection) && wanted(task)) {
                return task;
            }
        }
    }
    return {};
}

bool moves(const QJsonObject& task)
{
    return str(task, u"state") == QLatin1String("running") && obj(task, u"blocked").isEmpty() &&
           time(task, u"lastProgressAt") > 0;
}

bool cannotConnect(const QJsonObject& task)
{
    return str(obj(task, u"blocked"), u"what") == QLatin1String("connect");
}

}  // namespace

bool monQuorumLost(const session::Session& session, const QString& connection)
{
    const QJsonObject f = facts(session.estateRow(connection, QStringLiteral("mon-quorum")));
    return !f.isEmpty() && !f.value(QLatin1String("quorate")).toBool();
}

QString monQuorumSentence(const session::Session& session, const QString& connection)
{
    const QJsonObject f = facts(session.estateRow(connection, QStringLiteral("mon-quorum")));
    int answering = 0;
    QStringList silent;
    for (const QJsonObject& mon : session.estateOf(QStringLiteral("mon"), connection)) {
        if (facts(mon).value(QLatin1String("answers")).toBool()) {
            ++answering;
        } else {
            silent << str(mon, u"name");
        }
    }
    const qint64 total = num(f, u"total");
    QString text = tr("%1 of %2 monitors answer, %3 are needed.", nullptr, style::formOf(answering))
                       .arg(answering)
                       .arg(total)
                       .arg(num(f, u"needed"));
    if (!silent.isEmpty()) {
        text += ' ' + tr("Out: %1.").arg(silent.join(QStringLiteral(", ")));
    }
    return text;
}

RunsOn runsOn(session::Session& session, const QString& connection)
{
    RunsOn result;
    for (const QString& run : unfinishedRunsOn(session, connection)) {
        result.seen << run;
        bool going = false, waiting = false;
        for (const QJsonObject& task : session.tasks(run).rows()) {
            if (touches(task, connection)) {
                going = going || moves(task);
                waiting = waiting || cannotConnect(task);
            }
        }
        if (going) {
            result.going << run;
        }
        if (waiting) {
            result.waiting << run;
        }
    }
    return result;
}

QList<QJsonObject> whatStillWorks(session::Session& session, const QString& connection)
{
    QList<QJsonObject> rows;
    const QJsonObject going = taskOn(session, connection, moves);
    rows.append(
        going.isEmpty()
            ? line(QStringLiteral("open"), tr("Reads and writes of open sessions"),
                   word(tr("not tried"), Glyph::RingQ, Tone::Neutral), tr("no run uses one now"), 0)
            : line(QStringLiteral("open"), tr("Reads and writes of open sessions"),
                   word(tr("go on"), Glyph::DiscCheck, Tone::Ok),
                   tr("%1 copies, %2")
                       .arg(str(going, u"id"), formatRate(static_cast<double>(num(going, u"throughputBps")))),
                   time(going, u"lastProgressAt")));
    const QJsonObject waiting = taskOn(session, connection, cannotConnect);
    const QJsonObject quorum = session.estateRow(connection, QStringLiteral("mon-quorum"));
    const QJsonObject blocked = obj(waiting, u"blocked");
    rows.append(
        line(QStringLiteral("new"), tr("New sessions"), word(tr("impossible"), Glyph::SquareX, Tone::Crit),
             waiting.isEmpty() ? tr("a new session needs a monitor quorum")
                               : tr("%1 tried %2 times: %3", nullptr, style::formOf(num(blocked, u"tries")))
                                     .arg(str(waiting, u"id"), formatCount(num(blocked, u"tries")),
                                          str(obj(blocked, u"error"), u"cause")),
             time(quorum, u"observedAt")));
    for (const QJsonObject& gateway : session.estateOf(QStringLiteral("gateway"))) {
        const QJsonObject f = facts(gateway);
        const bool answers = f.value(QLatin1String("answers")).toBool();
        const QJsonValue error = f.value(QLatin1String("error"));
        rows.append(line(str(gateway, u"id"), tr("S3 on %1").arg(str(gateway, u"connection")),
                         answers ? word(tr("answers"), Glyph::DiscCheck, Tone::Ok)
                                 : word(tr("no answer"), Glyph::TriDown, Tone::Crit),
                         answers
                             ? tr("probe took %1 ms")
                                   .arg(QString::number(f.value(QLatin1String("probeMs")).toDouble(), 'g', 3))
                         : error.isObject() ? str(error.toObject(), u"cause")
                                            : str(f, u"error"),
                         time(gateway, u"observedAt")));
    }
    const QJsonObject known = session.estateRow(connection, QStringLiteral("connection"));
    const QString whyNot = session.whyNoChanges(connection);
    rows.append(line(QStringLiteral("changes"), tr("Changes made by Sluice"),
                     whyNot.isEmpty() ? word(tr("possible"), Glyph::DiscCheck, Tone::Ok)
                                      : word(tr("blocked"), Glyph::SquareX, Tone::Crit),
                     whyNot.isEmpty()
                         ? tr("the lease of %1 is held and was renewed, its monitors answer").arg(connection)
                         : whyNot,
                     time(known, u"observedAt")));
    const QJsonObject cephPools = session.estateOf(QStringLiteral("ceph-pool"), connection).value(0);
    rows.append(line(QStringLiteral("facts"), tr("Facts about %1").arg(connection),
                     word(tr("frozen"), Glyph::RingQ, Tone::Neutral), tr("kept, marked with their age"),
                     time(cephPools, u"observedAt")));
    for (QJsonObject& row : rows) {
        loseGreen(session, connection, row);
    }
    return rows;
}

QList<session::Column> whatStillWorksColumns()
{
    return {
        {.id = QStringLiteral("what"),
         .title = tr("What"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"what"); },
         .name = true,
         .width = 262},
        {.id = QStringLiteral("state"),
         .title = tr("State"),
         .state =
             [](const QJsonObject& row) {
                 return word(str(row, u"word"), static_cast<Glyph>(num(row, u"glyph")),
                             static_cast<Tone>(num(row, u"tone")));
             },
         .width = 116},
        {.id = QStringLiteral("evidence"),
         .title = tr("Evidence"),
         .text = [](const QJsonObject& row, qint64) { return str(row, u"evidence"); },
         .toolTip = [](const QJsonObject& row, qint64) { return str(row, u"evidence"); },
         .quiet = true},
        {.id = QStringLiteral("age"),
         .title = tr("Age"),
         .text = [](const QJsonObject& row, qint64 nowMs) { return ageText(num(row, u"at"), nowMs); },
         .right = true,
         .quiet = true,
         .ages = true,
         .width = 84},
    };
}

}  // namespace sluice::systems::ceph
