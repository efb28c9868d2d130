#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtCore/QThread>
#include <thread>

#include "patience.h"
#include "store/manifest.h"
#include "store_wait.h"

using namespace sluice;
using namespace sluice::test;
using store::Manifest;
using store::ManifestEntry;
using store::ManifestTotals;
using Entries = Result<QList<ManifestEntry>>;

namespace {

ManifestEntry entry(const QString& name, qint64 size, qint64 fence)
{
    return ManifestEntry{.task = "copy",
                         .name = name,
                         .size = size,
                         .crc32c = 0xfedcba98u,
                         .version = 0xffffffffffffffffull,
                         .srcVersion = 7,
                         .etag = "e-" + name,
                         .fence = fence};
}

}  // namespace

class TestStoreManifest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder{};
    std::unique_ptr<Manifest> m_manifest{};

    QString file() const { return m_folder->filePath("R-1.db"); }
    Result<void> commit(const QList<ManifestEntry>& entries, const QString& task = "copy")
    {
        return await<Result<void>>(
            [&](QObject* c, auto done) { m_manifest->commit(task, entries, c, done); });
    }
    Result<void> raiseFence(qint64 fence)
    {
        return await<Result<void>>(
            [&](QObject* c, auto done) { m_manifest->raiseFence("copy", fence, c, done); });
    }
    Result<void> remove(const QStringList& names)
    {
        return await<Result<void>>(
            [&](QObject* c, auto done) { m_manifest->removeNames("copy", names, c, done); });
    }
    Entries page(const QString& after, int limit, const QString& task = "copy")
    {
        return await<Entries>([&](QObject* c, auto done) { m_manifest->page(task, after, limit, c, done); });
    }
    Entries lookup(const QStringList& names)
    {
        return await<Entries>([&](QObject* c, auto done) { m_manifest->lookup("copy", names, c, done); });
    }
    ManifestTotals totals(const QString& task = "copy")
    {
        const auto found =
            await<Result<ManifestTotals>>([&](QObject* c, auto done) { m_manifest->totals(task, c, done); });
        return found.value_or(ManifestTotals{-1, -1});
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_manifest = std::move(*Manifest::open(file()));
    }

    void cleanup()
    {
        m_manifest.reset();
        m_folder.reset();
    }

    void entriesComeBackWhole()
    {
        const QList<ManifestEntry> entries{entry("a", 1, 1), entry("b", qint64(1) << 60, 1)};
        QVERIFY(commit(entries));
        m_manifest = std::move(*Manifest::open(file()));
        QCOMPARE(lookup({"b", "missing", "a"}).value(), QList<ManifestEntry>({entries[1], entries[0]}));
        QCOMPARE(totals().objects, 2);
        QCOMPARE(totals().bytes, (qint64(1) << 60) + 1);
    }

    void attributesAreKept()
    {
        ManifestEntry with = entry("a", 1, 1);
        with.attributes = 0xffffffff;
        QVERIFY(commit({with, entry("b", 1, 1)}));
        m_manifest = std::move(*Manifest::open(file()));
        QCOMPARE(lookup({"a"})->first().attributes, 0xffffffff);
        QCOMPARE(lookup({"b"})->first().attributes, -1);
    }

    void whatIsMissingIsTold()
    {
        QVERIFY(commit({entry("a", 1, 1)}));
        QVERIFY(commit({entry("c", 1, 1)}, "publish"));
        const auto missing = await<Result<QStringList>>([&](QObject* c, auto done) {
            m_manifest->missing("copy", {"c", "a", "b"}, c, done);
        });
        QCOMPARE(*missing, QStringList({"c", "b"}));
    }

    void aSecondCommitReplaces()
    {
        QVERIFY(commit({entry("a", 10, 1), entry("b", 10, 1)}));
        QVERIFY(commit({entry("a", 5, 2)}));
        QCOMPARE(lookup({"a"})->first(), entry("a", 5, 2));
        QCOMPARE(totals().objects, 2);
        QCOMPARE(totals().bytes, 15);
    }

    void tasksAreApart()
    {
        QVERIFY(commit({entry("a", 10, 1)}));
        QVERIFY(commit({entry("a", 3, 9)}, "publish"));
        QCOMPARE(totals().bytes, 10);
        QCOMPARE(totals("publish").bytes, 3);
        QCOMPARE(totals("unknown").objects, 0);
        QVERIFY(page("", 10, "unknown")->isEmpty());
        QCOMPARE(page("", 10, "publish")->first().task, QString("publish"));
    }

    void aLowerFenceIsRefusedAsAWhole()
    {
        QVERIFY(commit({entry("a", 1, 3)}));
        QVERIFY(raiseFence(4));
        const auto refused = commit({entry("b", 1, 4), entry("c", 1, 3)});
        QVERIFY(!refused);
        QCOMPARE(codeOf(refused), QString("Aborted"));
        QVERIFY(refused.error().message.contains("copy"));
        QVERIFY(refused.error().cause.contains("4"));
        QVERIFY(!refused.error().retryable);
        QCOMPARE(totals().objects, 1);
        QVERIFY(commit({entry("b", 1, 4)}));
        QCOMPARE(totals().objects, 2);
    }

    void aFenceIsNeverLowered()
    {
        QVERIFY(raiseFence(7));
        QVERIFY(raiseFence(2));
        QCOMPARE(codeOf(commit({entry("a", 1, 6)})), QString("Aborted"));
        m_manifest = std::move(*Manifest::open(file()));
        QCOMPARE(codeOf(commit({entry("a", 1, 6)})), QString("Aborted"));
    }

    void aHigherFenceInACommitCounts()
    {
        QVERIFY(commit({entry("a", 1, 5)}));
        QCOMPARE(codeOf(commit({entry("b", 1, 4)})), QString("Aborted"));
    }

    void theFenceHoldsForWhatIsQueuedBehindIt()
    {
        // A zombie's commit that arrives after the fence is raised in the same turn loses.
        QList<bool> good;
        const auto keep = [&good](const Result<void>& done) { good.append(done.has_value()); };
        m_manifest->commit("copy", {entry("a", 1, 1)}, this, keep);
        m_manifest->raiseFence("copy", 2, this, keep);
        m_manifest->commit("copy", {entry("b", 1, 1)}, this, keep);
        QTRY_COMPARE(good, QList<bool>({true, true, false}));
        QCOMPARE(page("", 10)->size(), 1);
    }

    void pagesAreOrderedAndComplete()
    {
        QStringList names;
        for (int i = 0; i < 25; ++i) {
            names.append(QStringLiteral("dir/%1").arg(i));
        }
        names << "Z"
              << "z"
              << "\u00e9" << QStringLiteral("a'b\"c%_*") << QString::fromUcs4(U"\U0001F40B") << "\uffee"
              << " ";
        QList<ManifestEntry> entries;
        for (const QString& name : names) {
            entries.append(entry(name, 1, 1));
        }
        QVERIFY(commit(entries));
        QStringList seen;
        QString after;
        for (;;) {
            const auto got = page(after, 4);
            QVERIFY(got);
            if (got->isEmpty()) {
                break;
            }
            QVERIFY(got->size() <= 4);
            for (const ManifestEntry& one : *got) {
                seen.append(one.name);
            }
            after = seen.last();
        }
        std::sort(names.begin(), names.end(),
                  [](const QString& a, const QString& b) { return a.toUtf8() < b.toUtf8(); });
        QCOMPARE(seen, names);
    }

    void removedNamesAreGone()
    {
        QVERIFY(commit({entry("a", 1, 1), entry("b", 2, 1), entry("c", 4, 1)}));
        QVERIFY(remove({"a", "c", "missing"}));
        QCOMPARE(totals().bytes, 2);
        QVERIFY(lookup({"a"})->isEmpty());
    }

    /// What another file knows to be in it must be there; nothing is made in the place of a lost one.
    void oneThatHoldsLessIsNotOpened()
    {
        QVERIFY(commit({entry("a", 1, 1), entry("b", 2, 1)}));
        m_manifest.reset();
        const QList<store::ManifestHolding> known{{"copy", 2}};
        QVERIFY(Manifest::open(file(), {}, known));
        QVERIFY(Manifest::open(file(), {}, {{"copy", 1}}));
        for (const QList<store::ManifestHolding>& more :
             {QList<store::ManifestHolding>{{"copy", 3}},
              QList<store::ManifestHolding>{{"copy", 2}, {"other", 1}}}) {
            const auto refused = Manifest::open(file(), {}, more);
            QVERIFY(!refused);
            QCOMPARE(toString(refused.error().code), QStringLiteral("DataLoss"));
            QVERIFY2(refused.error().cause.contains("state.db knows of"), qPrintable(refused.error().cause));
        }
        for (const bool emptied : {false, true}) {
            for (const QString& name : QDir(m_folder->path()).entryList({"R-1.db*"})) {
                QVERIFY(QFile::remove(m_folder->filePath(name)));
            }
            if (emptied) {
                QFile made(file());
                QVERIFY(made.open(QIODevice::WriteOnly));
            }
            const auto refused = Manifest::open(file(), {}, known);
            QVERIFY(!refused);
            QVERIFY2(
                refused.error().cause.contains(emptied ? "it holds 0 objects of task copy" : "it is missing"),
                qPrintable(refused.error().cause));
            QCOMPARE(QFile::exists(file()), emptied);
        }
        m_manifest = std::move(*Manifest::open(file()));
    }

    void itMayBeOpenedOnAnotherThread()
    {
        m_manifest.reset();
        QThread* home = QThread::currentThread();
        std::thread thread([this, home] {
            m_manifest = std::move(*Manifest::open(file()));
            m_manifest->moveToThread(home);
        });
        thread.join();
        QVERIFY(commit({entry("a", 1, 1)}));
        QCOMPARE(m_manifest->database().thread(), home);
        QCOMPARE(totals().objects, 1);
    }
};

QTEST_GUILESS_MAIN(TestStoreManifest)
#include "tst_store_manifest.moc"
