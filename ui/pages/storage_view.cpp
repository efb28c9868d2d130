#include "ui/pages/storage_view.h"

namespace sluice::pages {

QString exampleOf(const PageContext& context, QString SystemView::*example)
{
    for (const SystemView& one : context.systems) {
        if (!(one.*example).isEmpty()) {
            return one.*example;
        }
    }
    return {};
}

}  // namespace sluice::pages
