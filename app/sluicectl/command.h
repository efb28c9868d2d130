#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::ctl {

class Context;

/// One option of a command. `value` names what follows it; empty for a switch.
struct Option {
    QString name{};
    QString value{};
    QString doc{};
};

/// One command: what is parsed, what the help says, what is done.
struct Command {
    QString name{};           ///< one or two words: "estate", "flow check"
    QStringList arguments{};  ///< "RUN"; in brackets if it may be left out: "[TASK]"
    QString summary{};        ///< one line
    QString help{};           ///< paragraphs for --help
    QList<Option> options{};
    bool watchable{};         ///< has --watch
    bool online{true};        ///< needs an engine unless it says otherwise itself
    void (*run)(Context&){};  ///< ends in Context::finish(), now or later
};

/// All commands, in the order of the help.
const QList<Command>& commands();
/// Options every command has; --watch only where it makes sense.
QList<Option> commonOptions(bool watchable);

// One per command; each lives in the cmd_*.cpp of its group.
void runEstate(Context& context);
void runFlowCheck(Context& context);
void runFlowSubmit(Context& context);
void runFlowList(Context& context);
void runFlowShow(Context& context);
void runFlowLog(Context& context);
void runFlowApprove(Context& context);
void runFlowCancel(Context& context);
void runFlowReset(Context& context);
void runDoctor(Context& context);
void runCases(Context& context);
void runKeysList(Context& context);
void runKeysRotate(Context& context);
void runKeysRenew(Context& context);
void runAuditExport(Context& context);
void runAction(Context& context);
void runAuditList(Context& context);
void runAuditVerify(Context& context);
void runEngine(Context& context);
void runAcceptState(Context& context);
void runWatch(Context& context);

}  // namespace sluice::ctl
