#include <QtCore/QCborMap>
#include <QtCore/QCborValue>
#include <QtCore/QJsonArray>
#include <QtCore/QtEndian>

#include "patience.h"
#include "worker/frame.h"

using namespace sluice;
using namespace sluice::worker;

namespace {

QByteArray withLength(const QByteArray& payload)
{
    QByteArray bytes(4, Qt::Uninitialized);
    qToLittleEndian(quint32(payload.size()), bytes.data());
    return bytes + payload;
}

}  // namespace

class TestWorkerFrame : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void roundTrip_data();
    void roundTrip();
    void wireShapeOfACall();
    void bigIntegersSurvive();
    void piecesOfOneByte();
    void severalInOnePiece();
    void refusesWhatIsTooLarge();
    void theLimitItselfIsAllowed();
    void aCallThatIsNotWholeIsAwaited_data();
    void aCallThatIsNotWholeIsAwaited();
    void refusesMalformed_data();
    void refusesMalformed();
    void staysBrokenAfterAnError();
};

void TestWorkerFrame::roundTrip_data()
{
    QTest::addColumn<int>("type");
    QTest::newRow("call") << int(FrameType::Call);
    QTest::newRow("reply") << int(FrameType::Reply);
    QTest::newRow("event") << int(FrameType::Event);
    QTest::newRow("beat") << int(FrameType::Beat);
    QTest::newRow("ask") << int(FrameType::Ask);
    QTest::newRow("answer") << int(FrameType::Answer);
    QTest::newRow("cast") << int(FrameType::Cast);
}

void TestWorkerFrame::roundTrip()
{
    QFETCH(int, type);
    const QJsonObject body{{"name", "Zürich"}, {"list", QJsonArray{1, true, QJsonValue::Null}}};
    const Frame frame{.type = FrameType(type),
                      .id = 7,
                      .method = QStringLiteral("lock.list"),
                      .body = body,
                      .deadlineMs = 1500};
    const Result<QByteArray> bytes = encode(frame);
    QVERIFY(bytes);
    FrameDecoder decoder;
    decoder.append(bytes->constData(), bytes->size());
    const auto back = decoder.next();
    QVERIFY(back);
    QVERIFY(back->has_value());
    QCOMPARE(int((*back)->type), type);
    const FrameType kind = FrameType(type);
    const bool withId = kind == FrameType::Call || kind == FrameType::Reply || kind == FrameType::Ask ||
                        kind == FrameType::Answer;
    QCOMPARE((*back)->id, withId ? 7U : 0U);
    if (kind != FrameType::Beat) {
        QCOMPARE((*back)->body, body);
    }
    const bool isResult = kind == FrameType::Reply || kind == FrameType::Answer;
    QCOMPARE((*back)->method, isResult || kind == FrameType::Beat ? QString() : QStringLiteral("lock.list"));
    QCOMPARE((*back)->deadlineMs, kind == FrameType::Call ? 1500 : 0);
    QCOMPARE(decoder.buffered(), 0);
}

void TestWorkerFrame::wireShapeOfACall()
{
    const Result<QByteArray> bytes = encode(Frame{.type = FrameType::Call,
                                                  .id = 3,
                                                  .method = QStringLiteral("start"),
                                                  .body = {{"pollMs", 1000}},
                                                  .deadlineMs = 5000});
    QVERIFY(bytes);
    QCOMPARE(qFromLittleEndian<quint32>(bytes->constData()), quint32(bytes->size() - 4));
    const QCborMap map = QCborValue::fromCbor(bytes->mid(4)).toMap();
    QCOMPARE(map.value(QStringLiteral("t")).toString(), QStringLiteral("call"));
    QCOMPARE(map.value(QStringLiteral("id")).toInteger(), 3);
    QCOMPARE(map.value(QStringLiteral("m")).toString(), QStringLiteral("start"));
    QCOMPARE(map.value(QStringLiteral("p")).toMap().value(QStringLiteral("pollMs")).toInteger(), 1000);
    QCOMPARE(map.value(QStringLiteral("deadlineMs")).toInteger(), 5000);
}

void TestWorkerFrame::bigIntegersSurvive()
{
    const qint64 big = (qint64(1) << 53) + 1;
    const Result<QByteArray> bytes =
        encode(Frame{.type = FrameType::Event, .method = QStringLiteral("x"), .body = {{"n", big}}});
    QVERIFY(bytes);
    const Result<Frame> back = decodePayload(bytes->mid(4));
    QVERIFY(back);
    QCOMPARE(back->body["n"].toInteger(), big);
}

void TestWorkerFrame::piecesOfOneByte()
{
    const Result<QByteArray> bytes =
        encode(Frame{.type = FrameType::Event, .method = QStringLiteral("facts")});
    QVERIFY(bytes);
    FrameDecoder decoder;
    for (qsizetype i = 0; i < bytes->size(); ++i) {
        decoder.append(bytes->constData() + i, 1);
        const auto frame = decoder.next();
        QVERIFY(frame);
        QCOMPARE(frame->has_value(), i == bytes->size() - 1);
    }
}

void TestWorkerFrame::severalInOnePiece()
{
    QByteArray stream;
    for (quint64 id = 1; id <= 1000; ++id) {
        stream += *encode(Frame{.type = FrameType::Ask, .id = id, .method = QStringLiteral("commit")});
    }
    FrameDecoder decoder;
    decoder.append(stream.constData(), stream.size());
    for (quint64 id = 1; id <= 1000; ++id) {
        const auto frame = decoder.next();
        QVERIFY(frame && frame->has_value());
        QCOMPARE((*frame)->id, id);
    }
    QVERIFY(!decoder.next()->has_value());
}

void TestWorkerFrame::refusesWhatIsTooLarge()
{
    const Frame frame{.type = FrameType::Event,
                      .method = QStringLiteral("facts"),
                      .body = {{"text", QString(qsizetype(kMaxFrameBytes), QLatin1Char('x'))}}};
    const Result<QByteArray> bytes = encode(frame);
    QVERIFY(!bytes);
    QCOMPARE(toString(bytes.error().code), toString(ErrorCode::ResourceExhausted));
    QVERIFY(!bytes.error().correction.isEmpty());

    QByteArray head(4, Qt::Uninitialized);
    qToLittleEndian(kMaxFrameBytes + 1, head.data());
    FrameDecoder decoder;
    decoder.append(head.constData(), head.size());
    const auto announced = decoder.next();
    QVERIFY(!announced);
    QCOMPARE(toString(announced.error().code), toString(ErrorCode::ResourceExhausted));
}

void TestWorkerFrame::theLimitItselfIsAllowed()
{
    const auto sized = [](qsizetype letters) {
        return encode(Frame{.type = FrameType::Event,
                            .method = QStringLiteral("facts"),
                            .body = {{"text", QString(letters, QLatin1Char('x'))}}});
    };
    const qsizetype around = sized(100'000)->size() - 4 - 100'000;  // the same for all lengths of five bytes
    const qsizetype most = qsizetype(kMaxFrameBytes) - around;
    const Result<QByteArray> whole = sized(most);
    QVERIFY(whole);
    QCOMPARE(whole->size(), qsizetype(kMaxFrameBytes) + 4);
    FrameDecoder decoder;
    decoder.append(whole->constData(), whole->size());
    const auto back = decoder.next();
    QVERIFY(back && back->has_value());
    QCOMPARE((*back)->body["text"].toString().size(), most);
    QVERIFY(!sized(most + 1));
}

void TestWorkerFrame::aCallThatIsNotWholeIsAwaited_data()
{
    QTest::addColumn<int>("before");
    QTest::newRow("alone") << 0;
    QTest::newRow("after another") << 1;
    QTest::newRow("after many") << 30'000;
}

void TestWorkerFrame::aCallThatIsNotWholeIsAwaited()
{
    QFETCH(int, before);
    const QByteArray bytes = *encode(Frame{.type = FrameType::Call, .id = 5, .method = QStringLiteral("x")});
    FrameDecoder decoder;
    for (int i = 0; i < before; ++i) {
        const QByteArray beat = *encode(Frame{.type = FrameType::Beat});
        decoder.append(beat.constData(), beat.size());
    }
    for (qsizetype cut = 0; cut < bytes.size(); ++cut) {
        decoder.append(bytes.constData() + cut, 1);
        for (int i = 0; cut == 0 && i < before; ++i) {
            QVERIFY(decoder.next()->has_value());
        }
        const auto frame = decoder.next();
        QVERIFY(frame);
        QCOMPARE(frame->has_value(), cut == bytes.size() - 1);
        QCOMPARE(decoder.buffered(), frame->has_value() ? 0 : cut + 1);
    }
}

void TestWorkerFrame::refusesMalformed_data()
{
    QTest::addColumn<QByteArray>("payload");
    const auto cbor = [](const QCborMap& map) { return QCborValue(map).toCbor(); };
    const QString t = QStringLiteral("t");
    QTest::newRow("no bytes") << QByteArray();
    QTest::newRow("no CBOR") << QByteArray("\xff\xff\xff", 3);
    QTest::newRow("cut off") << cbor({{t, QStringLiteral("beat")}}).chopped(2);
    QTest::newRow("bytes after") << cbor({{t, QStringLiteral("beat")}}) + QByteArray("\x01", 1);
    QTest::newRow("an array") << QCborValue(QCborArray{1, 2}).toCbor();
    QTest::newRow("unknown type") << cbor({{t, QStringLiteral("shout")}});
    QTest::newRow("no type") << cbor({{QStringLiteral("id"), 1}});
    QTest::newRow("call without id") << cbor(
        {{t, QStringLiteral("call")}, {QStringLiteral("m"), QStringLiteral("x")}});
    QTest::newRow("negative id") << cbor({{t, QStringLiteral("call")},
                                          {QStringLiteral("id"), -4},
                                          {QStringLiteral("m"), QStringLiteral("x")}});
    QTest::newRow("event without method") << cbor({{t, QStringLiteral("event")}});
    QTest::newRow("parameters are text") << cbor({{t, QStringLiteral("event")},
                                                  {QStringLiteral("m"), QStringLiteral("x")},
                                                  {QStringLiteral("p"), QStringLiteral("y")}});
    const auto event = [](const QByteArray& params) {
        return QByteArray(
                   "\xa3\x61t\x65"
                   "event\x61m\x61x\x61p") +
               params;
    };
    QTest::newRow("16 MB of tiny values") << event("\xa1\x61v\x9f" + QByteArray(15 << 20, '\x01') + "\xff");
    QTest::newRow("deep") << event("\xa1\x61v" + QByteArray(1000, '\x81') + "\x01");
    QTest::newRow("never closed") << event("\xa1\x61v" + QByteArray(1 << 20, '\x9f'));
    QTest::newRow("reply without either") << cbor({{t, QStringLiteral("reply")}, {QStringLiteral("id"), 1}});
}

void TestWorkerFrame::refusesMalformed()
{
    QFETCH(QByteArray, payload);
    const QByteArray bytes = withLength(payload);
    FrameDecoder decoder;
    decoder.append(bytes.constData(), bytes.size());
    const auto frame = decoder.next();
    QVERIFY(!frame);
    QCOMPARE(toString(frame.error().code), toString(ErrorCode::InvalidArgument));
    QVERIFY(!frame.error().cause.isEmpty());
}

void TestWorkerFrame::staysBrokenAfterAnError()
{
    QByteArray bytes = withLength(QByteArray("\xff", 1));
    bytes += *encode(Frame{.type = FrameType::Beat});
    FrameDecoder decoder;
    decoder.append(bytes.constData(), bytes.size());
    QVERIFY(!decoder.next());
    QVERIFY(!decoder.next());
    const QByteArray good = *encode(Frame{.type = FrameType::Beat});
    decoder.append(good.constData(), good.size());
    QVERIFY(!decoder.next());
}

QTEST_GUILESS_MAIN(TestWorkerFrame)
#include "tst_worker_frame.moc"
