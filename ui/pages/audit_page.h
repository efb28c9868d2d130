#pragma once

#include <optional>

#include "ui/pages/live_page.h"

namespace sluice::session {
class LiveTable;
}
namespace sluice::widgets {
class Chip;
class EmptyState;
class SearchField;
class TableView;
class TextLabel;
}  // namespace sluice::widgets

namespace sluice::pages {

class ChainStrip;
class RecordPanel;

/// Who did what: the chain of records and whether it holds, a searchable list, one record to the byte.
class AuditPage final : public LivePage {
    Q_OBJECT

public:
    explicit AuditPage(const PageContext& context, QWidget* parent = nullptr);

    /// By its number.
    void showRecord(const QString& seq);
    void verifyChain();

    QString title() const override;
    QWidget* headWidget() override { return m_headWidget; }
    QList<shell::PageAction> actions() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;
    QList<shell::PageBanner> pageBanners() const override;

private:
    void build();
    void buildHead();
    void applyFilter();
    void verified(const Result<QJsonObject>& reply);

    QWidget* m_headWidget{};
    widgets::SearchField* m_search{};
    widgets::Chip* m_exceptions{};
    ChainStrip* m_strip{};
    session::LiveTable* m_records{};
    widgets::TableView* m_view{};
    widgets::EmptyState* m_none{};
    QWidget* m_loading{};
    widgets::TextLabel* m_foot{};
    RecordPanel* m_panel{};
    QAction* m_verify{};
    QString m_wanted{};
    QJsonObject m_verdict{};
    std::optional<Error> m_verifyError{};
    qint64 m_verifiedAtMs{};
    bool m_verifying{false};
    qint64 m_verifyingSinceMs{};
};

}  // namespace sluice::pages
