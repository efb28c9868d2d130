#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <functional>

class QWidget;

namespace sluice::dialogs {

/// A change a person is asked about before it is sent.
struct ChangeRequest {
    /// "Reset copy-train with fencing"
    QString title{};
    /// Verb and object: "Reset 1 task"
    QString button{};
    int actionClass{1};
    /// For a change without a plan: what the person is asked.
    QString question{};
    /// The call that brings the plan, read anew when the question is asked; empty: there is none.
    QString planMethod{};
    QJsonObject planParams{};
    /// The call that does it; it also gets planHash, reason and a requestId.
    QString method{};
    QJsonObject params{};
};

/// Everything that asks a person something in a window of its own; tests answer in its place.
/// Nothing here blocks: `done` runs later, only when there is an answer, and not after `parent` was
/// destroyed.
class Dialogs {
public:
    /// Gets the engine's reply to the change.
    using Done = std::function<void(const QJsonObject& reply)>;

    virtual ~Dialogs() = default;
    virtual void confirmChange(QWidget* parent, const ChangeRequest& request, Done done) = 0;
    /// Choose a file, see what is wrong with it, submit it.
    virtual void submitFlow(QWidget* parent, Done done) = 0;
    virtual void pickFlowFile(QWidget* parent, std::function<void(const QString& path)> done) = 0;
    /// `kinds`: what it may be, "Table (*.csv)"; the one that is picked gives the ending of a name without.
    virtual void pickSaveFile(QWidget* parent, const QString& name, const QStringList& kinds,
                              std::function<void(const QString& path)> done) = 0;
};

}  // namespace sluice::dialogs
