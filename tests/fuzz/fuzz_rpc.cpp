#include <QtCore/QJsonArray>

#include "core/live_topic.h"
#include "fuzz_targets.h"
#include "promise.h"
#include "rpc/codec.h"
#include "rpc/method_table.h"
#include "rpc/subscription.h"

namespace sluice::fuzz {
namespace {

using namespace sluice::rpc;

int depthOf(const QJsonValue& value)
{
    int deepest = 0;
    if (value.isArray()) {
        for (const QJsonValue& item : value.toArray()) {
            deepest = std::max(deepest, depthOf(item));
        }
        return deepest + 1;
    }
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            deepest = std::max(deepest, depthOf(*it));
        }
        return deepest + 1;
    }
    return 0;
}

void decodeAndBack(const QByteArray& input, Encoding encoding)
{
    const auto message = decode(input, encoding);
    if (!message) {
        promise(!message.error().cause.isEmpty(), "a refusal names its cause");
        return;
    }
    promise(depthOf(*message) <= kMaxDepth, "nothing deeper than the limit is taken");
    for (const Encoding back : {Encoding::Json, Encoding::Cbor}) {
        const auto again = decode(encode(*message, back), back);
        promise(again.has_value(), "what was taken can be sent");
        // Once round, infinities have become null; from then on nothing changes any more.
        const auto third = decode(encode(*again, back), back);
        promise(third && *third == *again, "what is sent arrives the same");
    }
}

class FixedTopic final : public LiveTopic {
public:
    QString name() const override { return QStringLiteral("rows"); }
    QStringList ids() const override { return m_ids; }
    QJsonObject row(const QString& id) const override
    {
        return m_ids.contains(id) ? QJsonObject{{"id", id}, {"state", m_state}, {"n", id.toInt()}}
                                  : QJsonObject{};
    }
    void change()
    {
        m_state = QStringLiteral("down");
        m_ids.removeFirst();
        m_ids.append(QStringLiteral("9"));
        announce({QStringLiteral("2"), QStringLiteral("9")}, {QStringLiteral("0")});
    }

private:
    QStringList m_ids{"0", "1", "2", "3", "4", "5"};
    QString m_state{QStringLiteral("up")};
};

MethodTable makeTable()
{
    MethodTable table;
    QList<Field> fields;
    for (const char* type : {"string", "integer", "number", "boolean", "object", "array", "strings"}) {
        fields.append({type, type, false, "one of each"});
    }
    const auto echo = [](const Request& request, const Reply& reply) { reply(request.params); };
    table.add({.name = "any", .params = fields, .handler = echo});
    table.add(
        {.name = "change", .role = Role::Operator, .mutation = true, .params = fields, .handler = echo});
    return table;
}

void subscribe(const QJsonObject& params)
{
    FixedTopic topic;
    QStringList fields;
    for (const QJsonValue& field : params["fields"].toArray()) {
        fields.append(field.toString());
    }
    Subscription subscription(topic, {.id = "s1",
                                      .filter = params["filter"].toObject(),
                                      .fields = fields,
                                      .offset = std::max(0, params["offset"].toInt()),
                                      .limit = std::max(1, params["limit"].toInt())});
    const QJsonObject window = subscription.open();
    promise(window["rows"].toArray().size() <= window["total"].toInt(), "a window is a part of the whole");
    topic.change();
    if (const auto delta = subscription.takeDelta()) {
        promise((*delta)["baseRevision"] == window["revision"], "a delta is based on what the client holds");
        promise((*delta)["revision"].toInt() > window["revision"].toInt(), "revisions grow");
    }
    promise(!subscription.takeDelta(), "a delta is given once");
}

}  // namespace

void json(const QByteArray& input)
{
    decodeAndBack(input, Encoding::Json);
}

void cbor(const QByteArray& input)
{
    decodeAndBack(input, Encoding::Cbor);
}

void call(const QByteArray& input)
{
    static const MethodTable kTable = makeTable();
    const auto message = decode(input, input.startsWith('{') ? Encoding::Json : Encoding::Cbor);
    if (!message) {
        return;
    }
    const Request request{.method = (*message)["method"].toString(),
                          .params = (*message)["params"].toObject(),
                          .principal = {"fuzz", Role::Operator, "test"}};
    if (request.method == QLatin1String("topic.subscribe") && !kTable.refuse(request)) {
        subscribe(request.params);
    }
    if (const Method* method = kTable.find(request.method); method && !method->handler) {
        return;  // the session answers these itself
    }
    int answers = 0;
    kTable.dispatch(request, [&](const Result<QJsonObject>& result) {
        ++answers;
        if (!result) {
            promise(!result.error().message.isEmpty(), "a refusal says what happened");
            static_cast<void>(encode(makeError(1, kEngineError, result.error()), Encoding::Cbor));
        }
    });
    promise(answers == 1, "a call is answered once");
}

}  // namespace sluice::fuzz
