#include "ui/dialogs/window_dialogs.h"

#include <QtCore/QCoreApplication>
#include <QtWidgets/QFileDialog>

#include "ui/dialogs/change_dialog.h"
#include "ui/dialogs/submit_dialog.h"

namespace sluice::dialogs {

void WindowDialogs::confirmChange(QWidget* parent, const ChangeRequest& request, Done done)
{
    auto* dialog = new ChangeDialog(m_theme, m_client, m_ticker, request, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &ChangeDialog::changed, parent, std::move(done));
    dialog->open();
}

void WindowDialogs::submitFlow(QWidget* parent, Done done)
{
    auto* dialog = new SubmitDialog(m_theme, m_client, m_ticker, *this, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &SubmitDialog::submitted, parent, std::move(done));
    dialog->open();
}

void WindowDialogs::pickFlowFile(QWidget* parent, std::function<void(const QString& path)> done)
{
    auto* dialog = new QFileDialog(
        parent, QCoreApplication::translate("sluice::dialogs", "Open a flow file"), QString(),
        QCoreApplication::translate("sluice::dialogs", "Flow files (*.yaml *.yml);;All files (*)"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(done));
    dialog->open();
}

void WindowDialogs::pickSaveFile(QWidget* parent, const QString& name, const QStringList& kinds,
                                 std::function<void(const QString& path)> done)
{
    auto* dialog = new QFileDialog(parent, QCoreApplication::translate("sluice::dialogs", "Save as"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(name);
    if (!kinds.isEmpty()) {
        const auto suffix = [dialog](const QString& kind) {
            dialog->setDefaultSuffix(kind.section(QStringLiteral("*."), 1).section(')', 0, 0));
        };
        dialog->setNameFilters(kinds);
        suffix(kinds.first());
        QObject::connect(dialog, &QFileDialog::filterSelected, dialog, suffix);
    }
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(done));
    dialog->open();
}

}  // namespace sluice::dialogs
