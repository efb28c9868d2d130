#include "ui/pages/find_index.h"

#include <algorithm>

#include "ui/models/columns.h"
#include "ui/models/kind_columns.h"
#include "ui/models/marks.h"
#include "ui/models/words.h"
#include "ui/pages/storage_view.h"
#include "ui/session/row.h"
#include "ui/session/session.h"

namespace sluice::pages {

using session::facts;
using session::str;
using shell::FindHit;

namespace {

const FoundKind* foundKind(const QList<SystemView>& systems, const QString& kind)
{
    for (const SystemView& system : systems) {
        for (const FoundKind& found : system.found) {
            if (found.kind == kind) {
                return &found;
            }
        }
    }
    return nullptr;
}

}  // namespace

QList<FindHit> FindIndex::find(const QString& text, int limit) const
{
    const QStringList words = text.split(' ', Qt::SkipEmptyParts);
    QList<std::pair<int, FindHit>> ranked;
    for (const FindHit& hit : all()) {
        int rank = 0;
        bool fits =
            !words.isEmpty() || hit.kind == QLatin1String("page") || hit.kind == QLatin1String("action");
        for (const QString& word : words) {
            if (hit.title.startsWith(word, Qt::CaseInsensitive) ||
                hit.id.compare(word, Qt::CaseInsensitive) == 0) {
                rank += 0;
            } else if (hit.title.contains(word, Qt::CaseInsensitive)) {
                rank += 1;
            } else if (hit.detail.contains(word, Qt::CaseInsensitive) ||
                       hit.id.contains(word, Qt::CaseInsensitive)) {
                rank += 2;
            } else {
                fits = false;
                break;
            }
        }
        if (fits) {
            ranked.append({rank, hit});
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    QList<FindHit> hits;
    for (const auto& [rank, hit] : ranked) {
        if (hits.size() == limit) {
            break;
        }
        hits.append(hit);
    }
    return hits;
}

QList<FindHit> FindIndex::all() const
{
    QList<FindHit> hits;
    for (const QJsonObject& item : m_session.openCases()) {
        hits.append({.kind = QStringLiteral("case"),
                     .id = str(item, u"id"),
                     .title = tr("%1 %2").arg(str(item, u"id"), str(item, u"title")),
                     .detail = str(item, u"run"),
                     .state = style::stateWord(style::Domain::Task, u"stalled")});
    }
    addRuns(hits);
    const auto page = [&hits](const char* id, const QString& title) {
        hits.append({.kind = QStringLiteral("page"),
                     .id = QString::fromLatin1(id),
                     .title = title,
                     .detail = tr("page"),
                     .icon = QString::fromLatin1(id)});
    };
    page("now", tr("Now"));
    page("flows", tr("Flows"));
    page("storage", tr("Storage"));
    page("keys", tr("Keys"));
    page("audit", tr("Audit"));
    const QString whyNot = m_session.whyNoChanges();
    hits.append({.kind = QStringLiteral("action"),
                 .id = QStringLiteral("submit"),
                 .title = tr("Submit flow…"),
                 .detail = tr("class 1 reversible"),
                 .icon = QStringLiteral("plus"),
                 .whyNot = whyNot});
    hits.append({.kind = QStringLiteral("action"),
                 .id = QStringLiteral("verify"),
                 .title = tr("Verify chain"),
                 .detail = tr("reads the whole audit"),
                 .icon = QStringLiteral("audit")});
    addEstate(hits);
    for (const QJsonObject& role : m_session.roles().rows()) {
        hits.append({.kind = QStringLiteral("role"),
                     .id = str(role, u"id"),
                     .title = str(role, u"role"),
                     .detail = tr("role on %1").arg(str(role, u"connection")),
                     .icon = QStringLiteral("keys")});
    }
    for (const QJsonObject& item : m_session.cases().rows()) {
        if (str(item, u"phase") == QLatin1String("closed")) {
            hits.append({.kind = QStringLiteral("case"),
                         .id = str(item, u"id"),
                         .title = tr("%1 %2").arg(str(item, u"id"), str(item, u"title")),
                         .detail = tr("closed, %1").arg(str(item, u"run")),
                         .state = style::stateWord(style::Domain::CasePhase, u"closed")});
        }
    }
    return hits;
}

void FindIndex::addRuns(QList<FindHit>& hits) const
{
    QList<QJsonObject> runs = m_session.runs().rows();
    std::stable_sort(runs.begin(), runs.end(), models::runBefore);
    for (const QJsonObject& run : std::as_const(runs)) {
        const style::StateWord mark = models::taskMark(run);
        hits.append({.kind = QStringLiteral("run"),
                     .id = str(run, u"id"),
                     .title = tr("%1 %2").arg(str(run, u"flow"), str(run, u"id")),
                     .detail = tr("%1, %2").arg(mark.word, models::runLine(run, m_session.nowMs())),
                     .state = mark});
    }
}

void FindIndex::addEstate(QList<FindHit>& hits) const
{
    for (const QJsonObject& row : m_session.estate().rows()) {
        const QString kind = str(row, u"kind");
        const QString connection = str(row, u"connection");
        FindHit hit{.kind = QStringLiteral("entity"), .id = str(row, u"id")};
        if (kind == QLatin1String("connection")) {
            hit.title = connection;
            hit.state = models::connectionMark(row);
            hit.detail = tr("connection, %1").arg(hit.state.word);
        } else if (const FoundKind* found = foundKind(m_systems, kind)) {
            const QString id = hit.id;
            hit = found->hit(m_session, row);
            hit.kind = QStringLiteral("entity");
            hit.id = id;
        } else {
            continue;
        }
        hits.append(hit);
    }
    for (const QString& kind : m_session.listedKinds()) {
        const session::LiveRows& rows = *m_session.listed(kind);
        for (const QJsonObject& row : rows.rows()) {
            const style::StateWord mark = models::kindMark(m_session, row);
            const QString what =
                tr("%1 on %2").arg(models::kindTitle(m_session, kind), str(row, u"connection"));
            const bool hasState = mark.glyph != style::Glyph::None;
            hits.append({.kind = QStringLiteral("entity"),
                         .id = str(row, u"id"),
                         .title = str(row, u"name"),
                         .detail = hasState ? tr("%1, %2").arg(what, mark.word) : what,
                         .state = hasState ? mark : style::StateWord(),
                         .icon = hasState ? QString() : QStringLiteral("storage")});
        }
        if (rows.size() < rows.total()) {
            hits.append({.kind = QStringLiteral("page"),
                         .id = QStringLiteral("storage"),
                         .title = tr("%1: %2 searched")
                                      .arg(models::kindTitles(m_session, kind),
                                           models::shownOf(rows.size(), rows.total())),
                         .detail = tr("the others are on the page Storage"),
                         .icon = QStringLiteral("storage")});
        }
    }
}

}  // namespace sluice::pages
