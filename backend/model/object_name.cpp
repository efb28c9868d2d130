#include "model/object_name.h"

#include <algorithm>
#include <array>

namespace sluice::model {
namespace {

struct Written {
    QChar character{};
    QStringView onWire{};
    bool onlyFirst{};
};

const std::array<Written, 3> kWritten{{{QChar(0xFEFF), u"%EF%BB%BF", true},
                                       {QChar(0xFFFE), u"%EF%BF%BE", false},
                                       {QChar(0xFFFF), u"%EF%BF%BF", false}}};

template <typename Matches>
const Written* find(qsizetype at, const Matches& matches)
{
    const auto found = std::find_if(kWritten.begin(), kWritten.end(), [&](const Written& written) {
        return (at == 0 || !written.onlyFirst) && matches(written);
    });
    return found == kWritten.end() ? nullptr : &*found;
}

const Written* writtenAt(QStringView text, qsizetype at)
{
    return find(at, [&](const Written& written) { return text.mid(at).startsWith(written.onWire); });
}

/// Whether one of them is written there, behind a '%' that was written as %25 so often, or not at all.
bool looksWritten(QStringView text, qsizetype at)
{
    if (text[at] != '%') {
        return false;
    }
    qsizetype behind = at + 1;
    while (text.mid(behind).startsWith(u"25")) {
        behind += 2;
    }
    return find(at, [&](const Written& written) {
               return text.mid(behind).startsWith(written.onWire.mid(1));
           }) != nullptr;
}

}  // namespace

QString nameOnWire(const QString& name)
{
    QString text;
    text.reserve(name.size());
    for (qsizetype at = 0; at < name.size(); ++at) {
        if (const Written* written =
                find(at, [&](const Written& each) { return each.character == name[at]; })) {
            text += written->onWire;
        } else if (looksWritten(name, at)) {
            text += u"%25";
        } else {
            text += name[at];
        }
    }
    return text;
}

QString nameFromWire(const QString& text)
{
    QString name;
    name.reserve(text.size());
    for (qsizetype at = 0; at < text.size();) {
        if (const Written* written = writtenAt(text, at)) {
            name += written->character;
            at += written->onWire.size();
        } else {
            name += text[at];
            at += looksWritten(text, at) ? 3 : 1;
        }
    }
    return name;
}

}  // namespace sluice::model
