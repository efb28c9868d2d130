#pragma once

#include "ui/pages/storage_view.h"

namespace sluice::pages {
class KindTables;
}
namespace sluice::widgets {
class KeyValues;
class NoteBar;
class Section;
}  // namespace sluice::widgets

namespace sluice::systems::ceph {

/// One gateway: how it answers, then a table of each kind that it has.
class GatewayPanel final : public pages::StorageView {
    Q_OBJECT

public:
    explicit GatewayPanel(const pages::PageContext& context, QWidget* parent = nullptr);

    void setConnection(const QString& connection) override;
    void refresh() override;
    void tick() override { refresh(); }

private:
    pages::PageContext m_context;
    QString m_connection{};
    widgets::Section* m_section{};
    widgets::KeyValues* m_facts{};
    widgets::NoteBar* m_note{};
    pages::KindTables* m_kinds{};
};

}  // namespace sluice::systems::ceph
