#include <QtCore/QJsonArray>

#include "patience.h"
#include "rpc/codec.h"
#include "rpc/method_table.h"
#include "rpc/proof.h"

using namespace sluice;
using namespace sluice::rpc;

class TestRpcTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void roles();
    void types_data();
    void types();
    void textsAreBounded();
    void theGateRefusesChanges();
    void dispatch();
    void markdown();
    void constantTimeCompare();
};

void TestRpcTable::roles()
{
    MethodTable table;
    for (const Role role : {Role::Viewer, Role::Operator, Role::Admin}) {
        table.add({.name = toString(role), .role = role});
        QVERIFY(roleFromString(toString(role)) == role);
    }
    QVERIFY(roleFromString("king") == Role::Viewer);
    const auto allowed = [&](Role who, const QString& method) {
        return !table.refuse({.method = method, .principal = {"x", who, ""}}).has_value();
    };
    QVERIFY(allowed(Role::Viewer, "viewer"));
    QVERIFY(!allowed(Role::Viewer, "operator"));
    QVERIFY(allowed(Role::Operator, "viewer"));
    QVERIFY(allowed(Role::Operator, "operator"));
    QVERIFY(!allowed(Role::Operator, "admin"));
    QVERIFY(allowed(Role::Admin, "admin"));
}

void TestRpcTable::textsAreBounded()
{
    MethodTable table;
    table.add({.name = "do",
               .mutation = true,
               .params = {{"reason", "string", false, ""}, {"text", "text", false, ""}}});
    const auto refused = [&](const QString& name, const QString& value) {
        return table.refuse({.method = "do", .params = {{"requestId", "1"}, {name, value}}});
    };
    QVERIFY(!refused("reason", QString(4096, 'x')));
    QVERIFY(!refused("text", QString(1'000'000, 'x')));
    for (const char* name : {"reason", "run", "anything"}) {
        const auto refusal = refused(name, QString(4097, 'x'));
        QVERIFY(refusal);
        QVERIFY2(refusal->error.cause.contains(QStringLiteral("params.%1 ").arg(QLatin1String(name))),
                 qPrintable(refusal->error.cause));
    }
    const auto wide = refused("reason", QString(2049, QChar(0xe9)));
    QVERIFY2(wide && wide->error.cause.contains("params.reason has 4098 bytes"),
             "bytes count, not characters");
    QVERIFY(wide->error.correction.contains("4096"));
}

void TestRpcTable::theGateRefusesChanges()
{
    MethodTable table;
    table.add({.name = "look"});
    table.add({.name = "change", .mutation = true});
    table.add({.name = "mend", .mutation = true, .whileStopped = true});
    bool closed = true;
    table.setGate([&closed] {
        return closed ? std::optional(Error{.message = "the files do not fit"}) : std::nullopt;
    });
    const auto refusal = [&](const QString& method) {
        return table.refuse({.method = method, .params = {{"requestId", "1"}}});
    };
    QVERIFY(!refusal("look"));
    QVERIFY(!refusal("mend"));
    QVERIFY(refusal("change"));
    QCOMPARE(refusal("change")->error.message, QString("the files do not fit"));
    closed = false;
    QVERIFY(!refusal("change"));
}

void TestRpcTable::types_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QJsonArray>("good");
    QTest::addColumn<QJsonArray>("bad");
    QTest::newRow("string") << "string" << QJsonArray{"", "x"}
                            << QJsonArray{1, true, QJsonObject{}, QJsonArray{}};
    QTest::newRow("integer") << "integer" << QJsonArray{0, -7, qint64{9007199254740991}, 3.0}
                             << QJsonArray{0.5, "1", 1e300, false};
    QTest::newRow("number") << "number" << QJsonArray{0.5, 2} << QJsonArray{"1", false};
    QTest::newRow("boolean") << "boolean" << QJsonArray{true, false} << QJsonArray{0, "true"};
    QTest::newRow("object") << "object" << QJsonArray{QJsonObject{}, QJsonObject{{"a", 1}}}
                            << QJsonArray{QJsonArray{}, "{}"};
    QTest::newRow("array") << "array" << QJsonArray{QJsonArray{}, QJsonArray{1, "a"}}
                           << QJsonArray{QJsonObject{}, "[]"};
    QTest::newRow("strings") << "strings" << QJsonArray{QJsonArray{}, QJsonArray{"a", "b"}}
                             << QJsonArray{QJsonArray{"a", 1}, "a", QJsonObject{}};
}

void TestRpcTable::types()
{
    QFETCH(QString, type);
    QFETCH(QJsonArray, good);
    QFETCH(QJsonArray, bad);
    MethodTable table;
    table.add({.name = "m", .params = {{"must", type, true, "doc"}, {"may", type, false, "doc"}}});
    const auto refused = [&](const QJsonObject& params) {
        return table.refuse({.method = "m", .params = params});
    };
    QCOMPARE(refused({})->rpcCode, static_cast<int>(kInvalidParams));
    QVERIFY(refused({{"must", QJsonValue::Null}}));
    for (const QJsonValue& value : std::as_const(good)) {
        QVERIFY(!refused({{"must", value}}));
        QVERIFY(!refused({{"must", value}, {"may", value}, {"other", 1}}));
        QVERIFY(!refused({{"must", value}, {"may", QJsonValue::Null}}));
    }
    for (const QJsonValue& value : std::as_const(bad)) {
        QVERIFY(refused({{"must", value}}));
        const auto refusal = refused({{"must", good.first()}, {"may", value}});
        QVERIFY(refusal);
        QVERIFY(refusal->error.cause.contains("params.may"));
    }
}

void TestRpcTable::dispatch()
{
    MethodTable table;
    Request seen;
    table.add({.name = "go", .mutation = true, .handler = [&](const Request& request, const Reply& reply) {
                   seen = request;
                   reply(QJsonObject{{"ok", true}});
               }});
    int answers = 0;
    Result<QJsonObject> last;
    const Reply reply = [&](const Result<QJsonObject>& result) {
        ++answers;
        last = result;
    };
    table.dispatch({.method = "go"}, reply);
    QVERIFY(!last);
    QCOMPARE(toString(last.error().code), QStringLiteral("InvalidArgument"));
    table.dispatch({.method = "go", .params = {{"requestId", "r"}}, .session = "c1"}, reply);
    QVERIFY(last);
    QCOMPARE(seen.requestId, QStringLiteral("r"));
    QCOMPARE(seen.session, QStringLiteral("c1"));
    table.dispatch({.method = "gone"}, reply);
    QCOMPARE(toString(last.error().code), QStringLiteral("NotFound"));
    QCOMPARE(answers, 3);
}

void TestRpcTable::markdown()
{
    MethodTable table;
    table.add({.name = "b.second",
               .role = Role::Operator,
               .actionClass = 2,
               .mutation = true,
               .since = "0.1",
               .doc = "Does a thing."});
    table.add({.name = "a.first", .params = {{"x", "integer", true, "one | two\nthree"}}, .doc = "Reads."});
    table.addTopic({"rows", "All rows.", {{"id", "string", true, "which"}}});
    const QString text = table.toMarkdown();
    QCOMPARE(text, table.toMarkdown());
    QVERIFY(text.contains("### a.first\n\nReads.\n\nRole viewer · class 0\n"));
    QVERIFY(text.contains("| x | integer | always | one \\| two three |\n"));
    QVERIFY(text.contains(
        "### b.second\n\nDoes a thing.\n\nRole operator · class 2 · changes something · since 0.1\n"));
    QVERIFY(text.contains("| requestId | string | always |"));
    QVERIFY(text.indexOf("### a.first") < text.indexOf("### b.second"));
    for (const char* name : {"### identify", "### topic.subscribe", "### topic.window",
                             "### topic.unsubscribe", "### rows", "| 4000 |", "| 4009 |"}) {
        QVERIFY2(text.contains(name), name);
    }
}

void TestRpcTable::constantTimeCompare()
{
    QVERIFY(equalInConstantTime("abc", "abc"));
    QVERIFY(equalInConstantTime("", ""));
    QVERIFY(!equalInConstantTime("abc", "abd"));
    QVERIFY(!equalInConstantTime("abc", "Abc"));
    QVERIFY(!equalInConstantTime("abc", "ab"));
    QVERIFY(!equalInConstantTime("", "a"));
}

QTEST_GUILESS_MAIN(TestRpcTable)
#include "tst_rpc_table.moc"
