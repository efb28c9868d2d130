#pragma once

#include <QtCore/QHash>
#include <QtCore/QSet>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "luigi/public_output.h"

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
    /// `params`: what the flow passes, so no secret.
    explicit OutputParser(QString family, const QMap<QString, QString>& params = {});

    /// @return true if the progress changed
    bool feed(const QString& line);

    /// The line fed last as others may see it.
    const QString& publicLine() const { return m_publicLine; }
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
    PublicOutput m_public;
    QString m_publicLine;
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
