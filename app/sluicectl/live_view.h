#pragma once

#include <QtCore/QObject>
#include <QtCore/QSet>
#include <QtCore/QTimer>
#include <functional>
#include <optional>

#include "context.h"
#include "rpc/row_mirror.h"

namespace sluice::ctl {

/// How text is shown: a screen is drawn over again and may hold ages; lines are printed once each, when they
/// are new.
enum class Style { Screen, Lines };

/// Columns of the terminal that standard output is; 0 if it is none.
int screenColumns();

/// "Showing 10,000 of 12,345 rows of 'estate'." and a line break; empty if all are shown.
QString cutText(const QString& topic, qint64 shown, qint64 total);
/// The same to standard error, of a window that has just come.
void sayWhatIsCut(Context& context, const QString& topic, const rpc::TopicChange& change);

/// What --watch does: follows topics and shows their rows until the end condition holds or the connection
/// ends. On a terminal one screen is redrawn; into a file or pipe lines are printed as they change; with
/// --json every changed row is a line {topic, row} or {topic, removed}.
class LiveView : public QObject {
    Q_OBJECT

public:
    using Rows = QList<rpc::RowMirror>;

    struct Spec {
        QList<rpc::Subscribe> topics{};
        std::function<QString(const Rows&, Style)> text{};
        std::function<std::optional<ExitCode>(const Rows&)> ended{};  ///< none: never
        /// Reads all rows at once before the end: topics arrive each by itself, so the last rows of one may
        /// be older than those of another. None: it ends with the rows it has.
        std::function<void(std::function<void(const Rows&)> then)> readAll{};
    };

    LiveView(Context& context, Spec spec);

private:
    void changed(qsizetype topic, const rpc::TopicChange& change);
    void printRows(qsizetype topic, const QList<QJsonObject>& rows, const QStringList& removed);
    void draw();
    void show();
    void endWith(const Rows& rows);
    void drawScreen(const QString& text);
    void printNewLines(const QString& text);

    Context& m_context;
    Spec m_spec;
    Rows m_rows;
    QSet<qsizetype> m_missing;  ///< topics without their first rows
    QTimer m_soon;
    QTimer m_everySecond;
    QSet<QString> m_printed;
    bool m_terminal;
    bool m_cleared{false};
    bool m_reading{false};
};

}  // namespace sluice::ctl
