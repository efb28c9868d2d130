#pragma once

#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::luigi {

/// How far one `luigi` process has come, by its own log.
struct LuigiProgress {
    QString rootTaskId{};
    QString current{};  ///< the task it runs now, redacted; empty if none
    int tasksTotal{};
    int tasksDone{};
    int tasksFailed{};

    bool operator==(const LuigiProgress&) const = default;
};

/// Luigi's "Execution Summary" in numbers; `seen` is false if it was not printed.
struct ExecutionSummary {
    bool seen{};
    bool smiles{};  ///< "This progress looks :)" in any of its forms without failures
    int scheduled{};
    int complete{};
    int ran{};
    int failed{};
    int pending{};
    int missingData{};
    int notGranted{};
    int runByOthers{};
    QString verdict{};  ///< the sentence "This progress looks …"
};

/// Understands the output of `luigi`, line by line.
/// @source luigi 3.8 worker.py, execution_summary.py
class OutputParser {
public:
    explicit OutputParser(QString family);

    /// @return true if the progress changed
    bool feed(const QString& line);

    const LuigiProgress& progress() const { return m_progress; }
    const ExecutionSummary& summary() const { return m_summary; }
    /// The last Python exception, redacted: "RuntimeError: boom". Empty if there was none.
    QString lastException() const { return m_lastException; }
    /// What argparse refused: "unrecognized arguments: …". Empty if it refused nothing.
    QString usageError() const { return m_usageError; }
    bool schedulerUnreachable() const { return m_schedulerUnreachable; }

private:
    void feedSummary(const QString& line);

    QString m_family;
    LuigiProgress m_progress;
    ExecutionSummary m_summary;
    QHash<QString, QString> m_status;
    QString m_lastException;
    QString m_usageError;
    bool m_schedulerUnreachable{};
    bool m_inSummary{};
    bool m_inTraceback{};
};

}  // namespace sluice::luigi
