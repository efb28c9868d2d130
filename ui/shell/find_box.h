#pragma once

#include <QtCore/QList>
#include <QtCore/QPointer>

#include "ui/shell/find_source.h"
#include "ui/widgets/item_widget.h"
#include "ui/widgets/search_field.h"

namespace sluice::shell {

/// The list under the find field.
class FindList : public widgets::ItemWidget {
    Q_OBJECT

public:
    explicit FindList(const style::Theme& theme, QWidget* parent);

    void setHits(const QList<FindHit>& hits, const QString& text);
    const QList<FindHit>& hits() const { return m_hits; }

    int partCount() const override;
    QRect partRect(int part) const override;
    QString partName(int part) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintHit(QPainter& painter, int part) const;

    QList<FindHit> m_hits{};
    QString m_text{};
};

/// The find field: what is typed is looked for at once, arrows and Enter choose, Escape goes back to the
/// page.
class FindBox : public widgets::SearchField {
    Q_OBJECT

public:
    explicit FindBox(const style::Theme& theme, QWidget* parent = nullptr);

    /// @param source may be null: nothing is found then
    void setSource(const FindSource* source) { m_source = source; }
    FindList* list() const { return m_list; }
    /// Takes the focus and shows what can be chosen, also before anything is typed.
    void begin();

Q_SIGNALS:
    void chosen(const QString& kind, const QString& id);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void look();
    void showList();
    void choose(int part);

    const style::Theme& m_theme;
    const FindSource* m_source{};
    QPointer<FindList> m_list{};
};

}  // namespace sluice::shell
