#include <QtTest/QTest>
#include <map>

#include "ceph/role_claim.h"

using namespace sluice;
using namespace sluice::ceph;

namespace {

class MemoryClaims final : public ClaimStore {
public:
    Result<std::optional<QString>> read(const QString& name) override
    {
        if (unreadable) {
            return fail(Error{.code = ErrorCode::Unavailable, .message = "no answer"});
        }
        const auto it = claims.find(name);
        return it == claims.end() ? std::optional<QString>() : std::optional(it->second);
    }
    Result<void> create(const QString& name, const QString& engineId) override
    {
        if (!faster.isEmpty()) {
            claims[name] = faster;
        }
        if (!claims.emplace(name, engineId).second) {
            return fail(Error{.code = ErrorCode::AlreadyExists, .message = "it is there"});
        }
        return {};
    }
    QString howToRemove(const QString& name) const override { return "remove " + name; }

    std::map<QString, QString> claims{};
    QString faster{};  // another engine gets in between
    bool unreadable{false};
};

LeaseTerms engine(const QString& id)
{
    return {.cookie = id + ":2", .engineId = id};
}

}  // namespace

class TestCephRoleClaim : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allGenerationsAreOneRole()
    {
        QCOMPARE(roleEntityOf("client.ingest"), QString("client.ingest"));
        QCOMPARE(roleEntityOf("client.ingest.g12"), QString("client.ingest"));
        QCOMPARE(roleEntityOf("client.g1.g2"), QString("client.g1"));
        QCOMPARE(roleEntityOf("client.ingest.g"), QString("client.ingest.g"));
        QCOMPARE(roleEntityOf("client.ingest.g1x"), QString("client.ingest.g1x"));
    }

    void theFirstEngineHasTheRole()
    {
        MemoryClaims store;
        QVERIFY(claimRole(store, engine("a"), "client.ingest.g1"));
        QCOMPARE(store.claims["client.ingest"], QString("a"));
        QVERIFY2(claimRole(store, engine("a"), "client.ingest.g2"), "again, and for the next generation");
        const auto refused = claimRole(store, engine("b"), "client.ingest.g2");
        QVERIFY(!refused);
        QCOMPARE(toString(refused.error().code), toString(ErrorCode::FailedPrecondition));
        QVERIFY(refused.error().cause.contains("engine a"));
        QVERIFY(refused.error().correction.contains("remove client.ingest"));
        QVERIFY2(claimRole(store, engine("b"), "client.train.g1"), "another role is another matter");
        QCOMPARE(store.claims["client.ingest"], QString("a"));
    }

    void ofTwoAtOnceOneHasIt()
    {
        MemoryClaims store;
        store.faster = "b";
        QVERIFY(!claimRole(store, engine("a"), "client.ingest"));
        QVERIFY(claimRole(store, engine("b"), "client.ingest"));
    }

    void whatCannotBeReadIsNotTaken()
    {
        MemoryClaims store;
        store.unreadable = true;
        const auto refused = claimRole(store, engine("a"), "client.ingest");
        QVERIFY(!refused);
        QCOMPARE(toString(refused.error().code), toString(ErrorCode::Unavailable));
        QVERIFY(store.claims.empty());
    }
};

QTEST_GUILESS_MAIN(TestCephRoleClaim)
#include "tst_ceph_role_claim.moc"
