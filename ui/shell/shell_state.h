#pragma once

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>

#include "ui/style/state_words.h"

namespace sluice::shell {

/// One system as the status line shows it.
struct ConnectorMark {
    QString name{};
    style::StateWord state{};
    /// ms since the epoch of its oldest fact; 0: it never answered.
    qint64 oldestFactAtMs{};
    qint64 staleAfterMs{};
    QString toolTip{};

    bool operator==(const ConnectorMark&) const = default;
};

/// May things be changed from here?
struct ChangeLock {
    enum class Kind { ReadOnly, Allowed, Blocked } kind{Kind::ReadOnly};
    /// The words of the header: "Read only", "Changes allowed", "vega: changes blocked".
    QString text{};
    /// ms since the epoch; 0: no end.
    qint64 untilMs{};
    QString toolTip{};

    bool operator==(const ChangeLock&) const = default;
};

/// Everything the frame of the window shows beside its page.
struct ShellValues {
    QString profileName{};
    /// "production", "lab"
    QString profileKind{};
    /// plum, slate, moss
    QString profileColour{};
    int openCases{};
    /// Tasks that wait for a person's approval.
    int openGates{};
    /// Why nobody can tell now whether anything is open, in words; empty: the two counts hold.
    QString casesDoubt{};
    /// False before the cases were read for the first time.
    bool casesKnown{true};
    /// The case the header opens; empty: the list of them.
    QString caseId{};
    /// ms since the epoch of the oldest fact in sight; 0: there is none.
    qint64 oldestFactAtMs{};
    qint64 oldestFactStaleAfterMs{};
    ChangeLock changes{};
    QString who{};
    QString role{};
    QList<ConnectorMark> connectors{};
    /// The engine: empty while it answers, otherwise what is wrong, for the header.
    QString engineTrouble{};

    bool operator==(const ShellValues&) const = default;
};

/// The values of the frame; set by the session, shown by the shell.
/// @thread GUI thread
class ShellState : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    const ShellValues& values() const { return m_values; }
    /// Emits changed only if something did.
    void set(const ShellValues& values);

Q_SIGNALS:
    void changed();

private:
    ShellValues m_values{};
};

}  // namespace sluice::shell
