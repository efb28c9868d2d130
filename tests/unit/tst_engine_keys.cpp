#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>

#include "engine/key_service.h"
#include "keys/secret_store.h"
#include "tests/unit/engine_fakes.h"

using namespace sluice;
using namespace sluice::test;

class TestEngineKeys : public QObject {
    Q_OBJECT

    using Answer = std::optional<Result<QJsonObject>>;

    std::unique_ptr<QTemporaryDir> m_dir;
    SetClock m_clock;
    FakeLink m_link;
    QSet<QString> m_entities;
    std::unique_ptr<keys::ThreadedKeyVault> m_vault;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<engine::KeyService> m_keys;
    QStringList m_steps;
    int m_begun{};

    Result<QJsonObject> answer(const FakeLink::Call& call)
    {
        const QString entity = call.params["entity"].toString();
        if (call.method == "auth.list") {
            return QJsonObject{{"entities", QJsonArray::fromStringList(m_entities.values())}};
        }
        if (call.method == "auth.create") {
            m_entities.insert(entity);
            return QJsonObject{{"key", "KEY"}, {"created", true}};
        }
        if (call.method == "auth.get" && !m_entities.contains(entity)) {
            return fail(Error{.code = ErrorCode::NotFound, .message = "no such entity"});
        }
        if (call.method == "auth.get") {
            return QJsonObject{{"caps", QJsonObject{{"mon", "allow r"}}}};
        }
        if (call.method == "auth.remove") {
            m_entities.remove(entity);
        }
        if (call.method == "key.probe") {
            return m_entities.contains(entity) ? QJsonObject{{"ok", true}}
                                               : QJsonObject{{"error", QJsonObject{{"code", "PermissionDenied"}}}};
        }
        if (call.method == "sessions") {
            return QJsonObject{{"mons", QJsonArray{QJsonObject{{"answered", true}}}}};
        }
        return QJsonObject();
    }

    /// As a new life of the engine.
    void open()
    {
        m_keys.reset();
        m_database.reset();
        m_database = std::move(*store::Database::open(
            {.file = m_dir->filePath("s.db"), .migrations = {{1, engine::KeyService::schema()}}}));
        m_keys = std::make_unique<engine::KeyService>(m_link, *m_vault, *m_database, m_clock);
        m_keys->addRole({.role = "ingest", .connection = "vega", .entity = "client.ingest", .caps = {{"mon", "allow r"}}, .overlapMs = 60'000});
        QVERIFY(m_keys->load().has_value());
        m_steps.clear();
        connect(m_keys.get(), &engine::KeyService::stepEnded, this, [this](const QString&, const QString& step) { m_steps.append(step); });
    }
    bool hasKey() const { return m_keys->currentOf("ingest").has_value() && !m_keys->rotating(); }
    /// From when its end is saved: a next life would begin an overlap without one anew.
    bool inOverlap() const
    {
        const QJsonArray steps = m_keys->row("ingest")["rotation"].toObject()["steps"].toArray();
        return std::any_of(steps.begin(), steps.end(), [](const QJsonValue& step) {
            return step["detail"].toString().startsWith("both keys work until");
        });
    }
    void rotate(Answer& into)
    {
        m_keys->rotate("ingest", {.principal = "anna", .role = "operator"}, [this] { ++m_begun; }, [&into](const Result<QJsonObject>& r) { into = r; });
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_entities.clear();
        m_link.answer = [this](const FakeLink::Call& call) { return answer(call); };
        m_vault = std::make_unique<keys::ThreadedKeyVault>(
            std::make_unique<keys::FileSecretStore>(*keys::FileSecretStore::open(m_dir->filePath("secrets"))));
        open();
        m_keys->start();
        QTRY_VERIFY(hasKey());
        m_steps.clear();
        m_begun = 0;
    }
    void cleanup()
    {
        m_keys.reset();
        m_vault.reset();
        m_database.reset();
    }

    void oneRotationAtATime()
    {
        Answer first, second, third;
        rotate(first);
        rotate(second);
        QTRY_VERIFY(second);
        QVERIFY(!*second && second->error().code == ErrorCode::FailedPrecondition);
        QTRY_VERIFY(inOverlap());
        rotate(third);
        QTRY_VERIFY(third);
        QVERIFY2(!*third && third->error().message.contains("under way"), qPrintable(third->error().toLine()));
        QCOMPARE(m_begun, 1);
        m_clock.now += 120'000;
        QTRY_VERIFY(first);
        QVERIFY(first->has_value());
        QCOMPARE(m_entities, QSet<QString>{"client.ingest.g2"});
    }

    void itIsBegunOnceANextLifeWouldCarryItOn()
    {
        Answer lost;
        rotate(lost);
        QCOMPARE(m_begun, 0);
        QTRY_COMPARE(m_begun, 1);
        open();
        m_keys->start();
        QVERIFY(m_keys->rotating());
    }

    void carriedOnAfterARestartItSaysWhoAsked()
    {
        Answer lost;
        rotate(lost);
        QTRY_VERIFY(inOverlap());
        open();
        QList<QPair<QString, QString>> ends;
        connect(m_keys.get(), &engine::KeyService::carriedOn, this,
                [&ends](const QString&, const actions::Asker& asker, const QString& outcome) { ends.append({asker.principal, outcome}); });
        m_clock.now += 120'000;
        m_keys->start();
        QTRY_COMPARE(ends.size(), 1);
        QCOMPARE(ends[0].first, "anna");
        QCOMPARE(ends[0].second, "carried on after a restart");
        QCOMPARE(m_steps, (QStringList{"overlap", "silent", "revoke", "prove"}));
        QVERIFY(!lost);
    }
};

QTEST_GUILESS_MAIN(TestEngineKeys)
#include "tst_engine_keys.moc"
