#pragma once

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>

#include "flow/flow_engine.h"
#include "flow_fakes.h"
#include "patience.h"
#include "store/database.h"
#include "support/task_kinds.h"

namespace sluice::test {

/// A flow engine on a real store, with fakes around it.
struct FlowScene {
    std::unique_ptr<QTemporaryDir> m_dir{};
    std::unique_ptr<store::Database> m_database{};
    std::unique_ptr<flow::FlowEngine> m_engine{};
    FakeClock m_clock{};
    FakeExecutor m_executor{};
    FakeFencer m_fencer{};

    static model::TaskSpec task(const QString& name, const QStringList& needs,
                                const QString& kind = QStringLiteral("move"))
    {
        return {.name = name,
                .kind = kind,
                .needs = needs,
                .stallAfterMs = 10'000,
                .body = kind == systems::transfer::kMoveKind ? moveBody("file:/a", "file:/b")
                                                             : flow::TaskKind::Body()};
    }

    void begin()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_clock.ms = 0;
        m_executor = {};
        m_fencer = {};
        open();
    }

    void end()
    {
        m_engine.reset();
        m_database.reset();
    }

    void open()
    {
        auto database =
            store::Database::open({.file = m_dir->filePath("state.db"), .parts = {flow::RunStore::schema()}});
        QVERIFY2(database.has_value(), database ? "" : qPrintable(database.error().toLine()));
        m_database = std::move(*database);
        m_engine = std::make_unique<flow::FlowEngine>(
            flow::FlowEngine::Options{.maxAttempts = 4,
                                      .manifestFolder = m_dir->filePath("runs"),
                                      .logFolder = m_dir->filePath("logs"),
                                      .lossBackoffMs = 5,
                                      .fenceRetryMs = 20},
            *m_database, m_fencer, taskKinds(), m_clock);
        for (const char* kind : {"move", "verify", "luigi"}) {
            m_engine->addExecutor(kind, m_executor);
        }
        const auto loaded = m_engine->load();
        QVERIFY2(loaded.has_value(), loaded ? "" : qPrintable(loaded.error().toLine()));
        m_engine->start();
    }

    /// As a kill would: what is in the files at this moment is all there is. What still waits to be written
    /// is written to files that nobody opens again.
    void reopen()
    {
        auto after = std::make_unique<QTemporaryDir>();
        copyFolder(m_dir->path(), after->path());
        m_engine.reset();
        m_database.reset();
        m_executor.orders.clear();
        m_dir = std::move(after);
        open();
    }

    static void copyFolder(const QString& from, const QString& to)
    {
        QVERIFY(QDir().mkpath(to));
        const QFileInfoList entries = QDir(from).entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot);
        for (const QFileInfo& entry : entries) {
            const QString target = to + '/' + entry.fileName();
            if (entry.isDir()) {
                copyFolder(entry.filePath(), target);
            } else if (!entry.fileName().endsWith(QLatin1String("-shm"))) {  // made anew from the log
                QVERIFY(QFile::copy(entry.filePath(), target));
            }
        }
    }

    QString submit(const QList<model::TaskSpec>& tasks)
    {
        QString id;
        m_engine->submit({.name = "f", .tasks = tasks}, "text", "anna",
                         [&id](Result<QString> run) { id = *run; });
        if (!sluice::test::waitUntil([&id] { return !id.isEmpty(); })) {
            return {};
        }
        return id;
    }

    const flow::Task& taskOf(const QString& run, const QString& name) const
    {
        const flow::Run* r = m_engine->run(run);
        return r->tasks[static_cast<size_t>(r->index.value(name))];
    }
    model::TaskState state(const QString& run, const QString& name) const { return taskOf(run, name).state; }
    flow::AttemptKey key(const QString& name) const { return m_executor.last(name)->key; }

    void failTask(const QString& name)
    {
        m_executor.sink->failed(key(name), Error{.code = ErrorCode::PermissionDenied, .message = "refused"});
    }
};

}  // namespace sluice::test
