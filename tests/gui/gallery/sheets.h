#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <functional>

class QWidget;

namespace sluice::style {
class Theme;
}

namespace sluice::gallery {

/// One picture of the gallery: widgets with sample data at a fixed size.
struct Sheet {
    QString name{};
    std::function<QWidget*(const style::Theme&)> make{};
};

QList<Sheet> sheets();

QWidget* wordsSheet(const style::Theme& theme);
QWidget* controlsSheet(const style::Theme& theme);
QWidget* caseSheet(const style::Theme& theme);
QWidget* storageSheet(const style::Theme& theme);
QWidget* storageLostSheet(const style::Theme& theme);
QWidget* osdSheet(const style::Theme& theme);
QWidget* flowSheet(const style::Theme& theme);
QWidget* largeFlowSheet(const style::Theme& theme);
QWidget* hugeFlowSheet(const style::Theme& theme);
QWidget* emptySheet(const style::Theme& theme);
QWidget* windowSheet(const style::Theme& theme);
QWidget* caseWindowSheet(const style::Theme& theme);

}  // namespace sluice::gallery
