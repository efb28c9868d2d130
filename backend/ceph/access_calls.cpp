#include "ceph/access_calls.h"

#include <errno.h>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <algorithm>
#include <thread>
#include <vector>

#include "ceph/role_claim.h"
#include "ceph/storage_facts.h"

namespace sluice::ceph {
namespace {

Result<void> mayChange(RadosSession& session, const QString& entity, const QString& ownEntity,
                       const LeaseTerms& terms)
{
    if (entity.startsWith(QLatin1String("client.")) && entity.size() > 7 && entity != ownEntity &&
        entity != QLatin1String("client.admin")) {
        return claimRole(session, terms, entity);
    }
    return fail(
        Error{.code = ErrorCode::InvalidArgument,
              .message = QStringLiteral("Sluice does not change the entity \"%1\"").arg(entity),
              .cause = QStringLiteral("only entities of clients are changed, never client.admin or its own"),
              .correction = QStringLiteral("Name an entity client.NAME that belongs to a role"),
              .source = QStringLiteral("ceph")});
}

/// `auth get` and `auth get-or-create` answer with an array of one.
QJsonObject onlyEntity(const QByteArray& answer)
{
    return QJsonDocument::fromJson(answer).array().first().toObject();
}

}  // namespace

SessionCensus takeCensus(const RadosSession& session, const QStringList& answering, int total)
{
    struct Answer {
        QString mon{};
        Result<QByteArray> bytes{};
    };
    std::vector<Answer> answers;
    for (const QString& mon : answering) {
        answers.push_back({.mon = mon});
    }
    std::vector<std::thread> threads;
    for (Answer& answer : answers) {
        threads.emplace_back([&session, &answer] {
            answer.bytes =
                session.tellMon(answer.mon, {{"prefix", "sessions"}},
                                {.what = QStringLiteral("read the sessions of mon.%1").arg(answer.mon)});
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    SessionCensus census{.total = total};
    for (const Answer& answer : answers) {
        if (answer.bytes) {
            ++census.answered;
            census.told.append(answer.mon);
            census.sessions += clientSessions(answer.mon, *answer.bytes);
        }
    }
    return census;
}

QJsonObject censusJson(const SessionCensus& census, const QStringList& allMons)
{
    QJsonArray mons;
    for (const QString& mon : allMons) {
        mons.append(QJsonObject{{"mon", mon}, {"answered", census.told.contains(mon)}});
    }
    QJsonArray sessions;
    for (const MonSession& session : census.sessions) {
        sessions.append(QJsonObject{{"mon", session.mon},
                                    {"entity", session.entity},
                                    {"client", session.client},
                                    {"address", session.address}});
    }
    return {{"mons", mons}, {"sessions", sessions}};
}

Result<QJsonObject> addToBlocklist(RadosSession& session, const QString& address, int expireSeconds)
{
    if (!address.contains('/') || !address.contains(':') || expireSeconds <= 0) {
        return fail(
            Error{.code = ErrorCode::InvalidArgument,
                  .message = QStringLiteral("\"%1\" cannot be put on the blocklist").arg(address),
                  .cause = QStringLiteral("one client instance is HOST:PORT/NONCE, for a time above 0 s"),
                  .correction = QStringLiteral("Take the address as the lock or the session has it"),
                  .source = QStringLiteral("ceph")});
    }
    if (const Result<void> added = session.addToBlocklist(address, quint32(expireSeconds)); !added) {
        return fail(added.error());
    }
    const Result<QJsonObject> stat =
        session.monJson({{"prefix", "osd stat"}}, {.what = QStringLiteral("read the epoch of the OSD map")});
    return QJsonObject{{"epoch", stat ? (*stat)["epoch"].toInteger() : 0}};
}

Result<QJsonObject> isOnBlocklist(const RadosSession& session, const QString& address)
{
    const Result<QByteArray> answer =
        session.monCommand({{"prefix", "osd blocklist ls"}}, {.what = QStringLiteral("read the blocklist")});
    if (!answer) {
        return fail(answer.error());
    }
    return QJsonObject{{"listed", isBlocked(blocklistAddresses(*answer), address)}};
}

Result<QJsonObject> authGet(const RadosSession& session, const QString& entity)
{
    Result<QByteArray> answer =
        session.monCommand({{"prefix", "auth get"}, {"entity", entity}},
                           {.what = QStringLiteral("read the caps of %1").arg(entity)});
    if (!answer) {
        return fail(answer.error());
    }
    const QJsonObject caps = capsOf(onlyEntity(*answer));
    answer->fill('\0');
    return QJsonObject{{"caps", caps}};
}

Result<QJsonObject> authCreate(RadosSession& session, const QString& entity, const QJsonObject& caps,
                               const QString& ownEntity, const LeaseTerms& terms)
{
    if (const Result<void> may = mayChange(session, entity, ownEntity, terms); !may) {
        return fail(may.error());
    }
    const Result<QJsonObject> before = authGet(session, entity);
    if (!before && before.error().code != ErrorCode::NotFound) {
        return fail(before.error());
    }
    const auto others = [&entity] {
        return Error{
            .code = ErrorCode::AlreadyExists,
            .message = QStringLiteral("Cannot make the entity %1").arg(entity),
            .cause = QStringLiteral("it exists with other caps"),
            .correction =
                QStringLiteral("Remove it, or give the role the caps of: ceph auth get %1").arg(entity),
            .source = QStringLiteral("ceph")};
    };
    if (before && (*before)["caps"].toObject() != caps) {
        return fail(others());
    }
    QJsonArray list;
    for (auto it = caps.begin(); it != caps.end(); ++it) {
        list.append(it.key());
        list.append(it->toString());
    }
    Result<QByteArray> answer =
        session.monCommand({{"prefix", "auth get-or-create"}, {"entity", entity}, {"caps", list}},
                           {.what = QStringLiteral("make the entity %1").arg(entity), .mutates = true});
    if (!answer) {
        return fail(answer.error().upstream && answer.error().upstream->code == -EINVAL && before
                        ? others()
                        : answer.error());
    }
    const QString key = onlyEntity(*answer)["key"].toString();
    answer->fill('\0');
    return QJsonObject{{"key", key}, {"created", !before.has_value()}};
}

Result<QJsonObject> authRemove(RadosSession& session, const QString& entity, const QString& ownEntity,
                               const LeaseTerms& terms)
{
    if (const Result<void> may = mayChange(session, entity, ownEntity, terms); !may) {
        return fail(may.error());
    }
    const Result<QByteArray> answer =
        session.monCommand({{"prefix", "auth rm"}, {"entity", entity}},
                           {.what = QStringLiteral("remove the entity %1").arg(entity), .mutates = true});
    if (!answer && answer.error().code != ErrorCode::NotFound) {
        return fail(answer.error());
    }
    return QJsonObject();
}

Result<QJsonObject> authList(const RadosSession& session)
{
    const Result<QJsonObject> answer =
        session.monJson({{"prefix", "auth ls"}}, {.what = QStringLiteral("list the entities")});
    if (!answer) {
        return fail(answer.error());
    }
    QJsonArray entities;
    const QList<Fact> facts = authEntities(*answer);
    for (const Fact& fact : facts) {
        entities.append(fact.facts);
    }
    return QJsonObject{{"entities", entities}};
}

Result<QJsonObject> askOsds(const ClusterAccess& access, const QJsonArray& osds)
{
    constexpr int kSeconds = 1;
    constexpr qsizetype kMostOsds = 32;
    const Result<std::shared_ptr<RadosSession>> session = RadosSession::connect(access, kSeconds);
    if (!session) {
        return fail(session.error());
    }
    struct Asked {
        int osd{};
        bool answers{};
    };
    std::vector<Asked> asked;
    for (qsizetype i = 0; i < std::min(kMostOsds, osds.size()); ++i) {
        asked.push_back({.osd = osds[i].toInt()});
    }
    std::vector<std::thread> threads;
    for (Asked& one : asked) {
        threads.emplace_back([&session, &one] { one.answers = (*session)->osdAnswers(one.osd); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    QJsonArray list;
    for (const Asked& one : asked) {
        list.append(QJsonObject{{"osd", one.osd}, {"answers", one.answers}});
    }
    return QJsonObject{{"osds", list}};
}

Result<QJsonObject> probeKey(ClusterAccess access, const QString& entity, const QString& key)
{
    access.entity = entity;
    access.keyring.clear();
    access.key = key;
    const Result<std::shared_ptr<RadosSession>> session = RadosSession::connect(access);
    if (session) {
        return QJsonObject{{"ok", true}};
    }
    if (session.error().code == ErrorCode::Unauthenticated) {
        return QJsonObject{{"ok", false}, {"error", session.error().toJson()}};
    }
    return fail(session.error());
}

}  // namespace sluice::ceph
