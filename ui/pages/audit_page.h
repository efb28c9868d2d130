#pragma once

#include <optional>

#include "ui/pages/live_page.h"

namespace sluice::pages {

class ChainStrip;
class RecordList;
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
    QWidget* headWidget() override;
    QList<shell::PageAction> actions() const override;
    QList<shell::KeyHint> keyHints() const override;
    void activate() override;

protected:
    void refresh() override;
    void tick() override;
    QList<shell::PageBanner> pageBanners() const override;

private:
    void build();
    void verified(const Result<QJsonObject>& reply);

    ChainStrip* m_strip{};
    RecordList* m_list{};
    RecordPanel* m_panel{};
    QAction* m_verify{};
    QAction* m_export{};
    QJsonObject m_verdict{};
    std::optional<Error> m_verifyError{};
    qint64 m_verifiedAtMs{};
    bool m_verifying{false};
    qint64 m_verifyingSinceMs{};
};

}  // namespace sluice::pages
