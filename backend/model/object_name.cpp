#include "model/object_name.h"

namespace sluice::model {
namespace {

constexpr QChar kMark(0xFEFF);
const QString kMarkOnWire = QStringLiteral("%EF%BB%BF");

/// Whether it is the written mark behind a '%' that was written as %25 so often, or not at all.
bool looksWritten(const QString& text)
{
    qsizetype at = 1;
    while (QStringView(text).mid(at).startsWith(u"25")) {
        at += 2;
    }
    return text.startsWith('%') && QStringView(text).mid(at).startsWith(QStringView(kMarkOnWire).mid(1));
}

}  // namespace

QString nameOnWire(const QString& name)
{
    if (name.startsWith(kMark)) {
        return kMarkOnWire + name.mid(1);
    }
    return looksWritten(name) ? QStringLiteral("%25") + name.mid(1) : name;
}

QString nameFromWire(const QString& text)
{
    if (text.startsWith(kMarkOnWire)) {
        return kMark + text.mid(kMarkOnWire.size());
    }
    return looksWritten(text) ? '%' + text.mid(3) : text;
}

}  // namespace sluice::model
