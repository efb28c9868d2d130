#include <QtTest/QtTest>

#include "mover/bad_objects.h"
#include "mover/rados_ops.h"

using namespace sluice;
using namespace sluice::mover;

namespace {

/// A Ceph pool that the cluster has, or has no more.
class FakePool final : public PoolSource {
public:
    std::shared_ptr<PoolIo> io() override { return {}; }
    bool there() override { return isThere; }
    void refused() override {}
    bool isThere{true};
};

Error noSuchBucket(const QString& object)
{
    return Error{
        .code = ErrorCode::NotFound,
        .message = QStringLiteral("rgw.vega refused the request for s3://rgw.vega/gone/%1").arg(object),
        .cause = QStringLiteral("the bucket does not exist"),
        .correction = QStringLiteral("Make the bucket")};
}

}  // namespace

/// What is said of objects that could not be brought to their end, and what ends all of them.
class TestMoverBadObjects : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneIsToldAsItIs()
    {
        BadObjects bad;
        QVERIFY(!bad.summary(5, 5));
        bad.add("a", noSuchBucket("a"));
        QCOMPARE(bad.summary(5, 6)->message, "5 of 6, 1 not: " + noSuchBucket("a").message);
        QCOMPARE(bad.summary(5, 6)->cause, noSuchBucket("a").cause);
    }
    void manyOfTheSameAreToldOnce()
    {
        BadObjects bad;
        for (int i = 0; i < 267; ++i) {
            const QString object = QStringLiteral("day/part-%1").arg(i, 5, 10, QLatin1Char('0'));
            bad.add(object, noSuchBucket(object));
        }
        const Error error = *bad.summary(0, 267);
        QVERIFY2(error.message.startsWith("0 of 267, 267 not: 'day/part-00000', "),
                 qPrintable(error.message));
        QVERIFY2(error.message.endsWith("'day/part-00009', and 257 more"), qPrintable(error.message));
        QCOMPARE(error.cause, "'day/part-00000': " + noSuchBucket("day/part-00000").message +
                                  " (the bucket does not exist), and 266 more of the same");
        QCOMPARE(error.correction, QStringLiteral("Make the bucket"));
        QVERIFY(error.code == ErrorCode::NotFound);
        QVERIFY2(error.toLine().size() < 600, qPrintable(error.toLine()));
        QCOMPARE(bad.firstObject(), QStringLiteral("day/part-00000"));
    }
    void shortNamesArePartOfNoWord()
    {
        BadObjects bad;
        for (const char* name : {"a", "b", "c"}) {
            bad.add(name, Error{.code = ErrorCode::AlreadyExists,
                                .message = name,
                                .cause = QStringLiteral("'%1' has 7 bytes").arg(name),
                                .source = "test"});
        }
        QVERIFY2(bad.summary(0, 3)->cause.endsWith("and 2 more of the same"),
                 qPrintable(bad.summary(0, 3)->cause));
    }
    void onlyWhatSaysSomethingOfTheOthersIsHopeless()
    {
        const auto after = [](int count, const Error& error) {
            BadObjects bad;
            for (int i = 0; i < count; ++i) {
                bad.add(QString::number(i), error);
            }
            return bad.hopeless();
        };
        QVERIFY(after(1000, noSuchBucket("x")));
        QVERIFY(!after(999, noSuchBucket("x")));
        QVERIFY(after(1000, Error{.code = ErrorCode::Internal}));
        for (const ErrorCode code :
             {ErrorCode::InvalidArgument, ErrorCode::AlreadyExists, ErrorCode::Aborted}) {
            QVERIFY(!after(1000, Error{.code = code}));
        }
        for (const char* source : {"mover", "file"}) {
            QVERIFY(!after(1000, Error{.code = ErrorCode::NotFound, .source = source}));
        }
    }
    void eachSortIsTold()
    {
        BadObjects bad;
        bad.add("part-1", noSuchBucket("part-1"));
        Error other{.code = ErrorCode::NotFound,
                    .message = "x is damaged",
                    .cause = "'part-3' has other bytes",
                    .correction = "Mend it"};
        bad.add("part-3", other);
        bad.add("part-2", noSuchBucket("part-2"));
        const Error error = *bad.summary(1, 4);
        QVERIFY2(
            error.cause.contains("and 1 more of the same; 'part-3': x is damaged ('part-3' has other bytes)"),
            qPrintable(error.cause));
        QCOMPARE(error.correction, QStringLiteral("Make the bucket; Mend it"));
        QVERIFY(error.code == ErrorCode::NotFound);
        other.cause = "'part-4' has other bytes";
        bad.add("part-4", other);
        QVERIFY2(bad.summary(1, 5)->cause.endsWith("('part-3' has other bytes), and 1 more of the same"),
                 qPrintable(bad.summary(1, 5)->cause));
        other.code = ErrorCode::DataLoss;
        bad.add("y", other);
        QVERIFY(bad.summary(1, 6)->code == ErrorCode::FailedPrecondition);
    }
    void sortsAreBounded()
    {
        BadObjects bad;
        for (int i = 0; i < 40; ++i) {
            bad.add(QString::number(i), {.code = ErrorCode::Internal,
                                         .message = "m",
                                         .cause = QString(i + 1, 'c'),
                                         .correction = "See"});
        }
        const Error error = *bad.summary(0, 40);
        QVERIFY2(error.cause.endsWith("; and 35 of other kinds, which the log of the task tells"),
                 qPrintable(error.cause));
        QVERIFY(error.toLine().size() < 600);
        QVERIFY(error.code == ErrorCode::Internal);
        bad.add("z", {.code = ErrorCode::Aborted, .message = "m", .cause = "z"});
        QVERIFY2(bad.summary(0, 41)->code == ErrorCode::FailedPrecondition, "one that is not told differs");
    }
    void figuresAreNoDifference()
    {
        BadObjects bad;
        for (int i = 0; i < 300; ++i) {
            bad.add(QStringLiteral("o%1").arg(i),
                    {.code = ErrorCode::Aborted,
                     .message = "changed",
                     .cause = QStringLiteral("it is of version %1").arg(2000 + i),
                     .correction = "Reset"});
        }
        QVERIFY(bad.summary(0, 300)->code == ErrorCode::Aborted);
        QCOMPARE(bad.summary(0, 300)->cause,
                 QStringLiteral("'o0': changed (it is of version 2000), and 299 more of the same"));
    }

    void aCephPoolThatIsGoneIsNoMissingObject()
    {
        const auto pool = std::make_shared<FakePool>();
        const RadosPlace place{.connection = "vega", .cephPool = "train", .pool = pool};
        QCOMPARE(place.told(-ENOENT), -ENOENT);
        pool->isThere = false;
        QCOMPARE(place.told(-ENOENT), kCephPoolGone);
        QCOMPARE(place.told(-EEXIST), -EEXIST);
        QCOMPARE(place.told(0), 0);
        QVERIFY2(!guardFailed(kCephPoolGone), "nobody changed the object");
    }
    void itEndsTheMoveAndIsNamed()
    {
        const RadosPlace place{.connection = "vega", .cephPool = "train"};
        for (const char* op : {"look", "write", "list", "read", "verify"}) {
            const Hindrance hindrance = place.hindrance(kCephPoolGone, "x", QLatin1String(op));
            const Error* error = std::get_if<Error>(&hindrance);
            QVERIFY2(error, "it does not come back by itself");
            QVERIFY(error->code == ErrorCode::NotFound && !error->retryable);
            QCOMPARE(error->message, QStringLiteral("There is no Ceph pool 'train' in vega any more"));
            QVERIFY(error->upstream->code == -ENOENT && error->upstream->text.startsWith(QLatin1String(op)));
            QVERIFY(isCephPoolGone(*error) && endsTheMove(*error) && !isMoved(*error));
        }
        const Hindrance absent = place.hindrance(-ENOENT, "x", "read");
        QVERIFY(!isCephPoolGone(std::get<Error>(absent)) && !endsTheMove(std::get<Error>(absent)));
        const Error never = noCephPool({.connection = "vega", .cephPool = "train"}, "connect", false);
        QCOMPARE(never.message, QStringLiteral("There is no Ceph pool 'train' in vega"));
        QVERIFY(!isCephPoolGone(never));
        QVERIFY2(never.toLine().contains("[vega -2 connect: "), qPrintable(never.toLine()));
    }
    void anAnswerWithoutWordsLeavesNoGap()
    {
        const Error error{.message = "M", .upstream = Upstream{"vega", -2, ""}};
        QVERIFY2(error.toLine().endsWith("[vega -2]"), qPrintable(error.toLine()));
    }
};

QTEST_GUILESS_MAIN(TestMoverBadObjects)
#include "tst_mover_bad_objects.moc"
