#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QStringList>
#include <QtWidgets/QWidget>

namespace sluice::style {
class Theme;
}
namespace sluice::widgets {
class SearchField;
}

namespace sluice::pages {

/// One field for each thing that audit records are asked for by: who, run, object, action, outcome, from, to.
class RecordFilterBar final : public QWidget {
    Q_OBJECT

public:
    explicit RecordFilterBar(const style::Theme& theme, QWidget* parent = nullptr);

    /// Members as the parameters of audit.list; what cannot be read as a time is left out.
    QJsonObject filter(qint64 nowMs) const;
    bool isEmpty() const;
    void clear();
    void clearOutcome();

    /// Outcomes that are called so, or begin so, on the wire or in the window; if none is known, the text
    /// itself.
    static QStringList outcomesFor(const QString& text);
    /// Outcomes that say that something went wrong.
    static QStringList exceptions();

Q_SIGNALS:
    void edited();
    void outcomeEdited();

private:
    widgets::SearchField* field(const QString& name, const QString& hint, const QString& toolTip);
    void checkTime(widgets::SearchField* field);

    const style::Theme& m_theme;
    QHBoxLayout* m_row{};  // the one that gets the next field
    widgets::SearchField* m_by{};
    widgets::SearchField* m_run{};
    widgets::SearchField* m_object{};
    widgets::SearchField* m_action{};
    widgets::SearchField* m_outcome{};
    widgets::SearchField* m_since{};
    widgets::SearchField* m_until{};
};

}  // namespace sluice::pages
