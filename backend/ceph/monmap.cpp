#include "ceph/monmap.h"

#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <algorithm>

namespace sluice::ceph {
namespace {

constexpr quint16 kV1Port = 6789;
constexpr quint16 kV2Port = 3300;

/// ceph.conf as section → key → value. Keys are told apart without regard to case, ' ', '-' and '_'.
using ConfSections = QMap<QString, QMap<QString, QString>>;

QString normalKey(const QString& key)
{
    QString normal = key.trimmed().toLower();
    normal.replace(' ', '_').replace('-', '_');
    return normal;
}

QString withoutComment(const QString& line)
{
    for (qsizetype i = 0; i < line.size(); ++i) {
        if ((line[i] == '#' || line[i] == ';') && (i == 0 || line[i - 1] != '\\')) {
            return line.left(i);
        }
    }
    return line;
}

ConfSections parseConf(QString text)
{
    text.replace(QLatin1String("\\\n"), QLatin1String(" "));
    ConfSections sections;
    QString section = QStringLiteral("global");
    const QStringList lines = text.split('\n');
    for (const QString& raw : lines) {
        const QString line = withoutComment(raw).trimmed();
        if (line.startsWith('[') && line.endsWith(']') && !line.contains('=')) {
            section = line.mid(1, line.size() - 2).trimmed();
        } else if (const qsizetype equals = line.indexOf('='); equals > 0) {
            QString value = line.mid(equals + 1).trimmed();
            if (value.size() > 1 && value.startsWith('"') && value.endsWith('"')) {
                value = value.mid(1, value.size() - 2);
            }
            sections[section][normalKey(line.left(equals))] = value;
        }
    }
    return sections;
}

/// Cuts "[v2:A,v1:A],B C" into [["v2:A","v1:A"],["B"],["C"]]; brackets around an IPv6 address stay.
QList<QStringList> monHostGroups(const QString& value)
{
    QList<QStringList> groups;
    QString word;
    QStringList group;
    bool inGroup = false;
    bool inIpv6 = false;
    const auto endWord = [&] {
        if (!word.isEmpty()) {
            group.append(word);
            word.clear();
        }
        if (!inGroup && !group.isEmpty()) {
            groups.append(group);
            group.clear();
        }
    };
    for (qsizetype i = 0; i < value.size(); ++i) {
        const QChar c = value[i];
        if (c == '[') {
            const QString rest = value.mid(i + 1, 3);
            const bool vector =
                !inGroup && word.isEmpty() &&
                (rest.startsWith(QLatin1String("v1:")) || rest.startsWith(QLatin1String("v2:")));
            if (vector) {
                inGroup = true;
            } else {
                inIpv6 = true;
                word += c;
            }
        } else if (c == ']' && inIpv6) {
            inIpv6 = false;
            word += c;
        } else if (c == ']') {
            inGroup = false;
            endWord();
        } else if (c == ',' || c == ';' || c.isSpace()) {
            endWord();
        } else {
            word += c;
        }
    }
    inGroup = false;
    endWord();
    return groups;
}

QList<MonAddress> addressesOf(const QStringList& texts)
{
    QList<MonAddress> addresses;
    for (const QString& text : texts) {
        const auto address = MonAddress::fromText(text);
        if (!address) {
            continue;
        }
        if (address->protocol.isEmpty() && address->port == 0) {
            addresses.append({.protocol = QStringLiteral("v2"), .host = address->host, .port = kV2Port});
            addresses.append({.protocol = QStringLiteral("v1"), .host = address->host, .port = kV1Port});
        } else {
            addresses.append(*address);
        }
    }
    return addresses;
}

bool shareAddress(const MonEntry& a, const MonEntry& b)
{
    return std::any_of(a.addresses.begin(), a.addresses.end(), [&b](const MonAddress& mine) {
        return std::any_of(b.addresses.begin(), b.addresses.end(), [&mine](const MonAddress& other) {
            return mine.host == other.host && mine.port == other.port;
        });
    });
}

/// The order everywhere: v2 before v1 before unknown, as the monitors themselves write it.
void sortAddresses(QList<MonAddress>& addresses)
{
    const auto weight = [](const MonAddress& address) {
        return address.protocol == QLatin1String("v2") ? 0 : address.protocol == QLatin1String("v1") ? 1 : 2;
    };
    std::stable_sort(addresses.begin(), addresses.end(),
                     [&weight](const MonAddress& a, const MonAddress& b) { return weight(a) < weight(b); });
}

}  // namespace

QString MonAddress::toText() const
{
    const QString bare = host.contains(':') ? QStringLiteral("[%1]").arg(host) : host;
    const QString text = QStringLiteral("%1:%2").arg(bare, QString::number(port));
    return protocol.isEmpty() ? text : protocol + ':' + text;
}

std::optional<MonAddress> MonAddress::fromText(const QString& text)
{
    static const QRegularExpression form(QStringLiteral(
        "\\A(?:(v1|v2|any):)?(?:\\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]+(?:%[\\w.-]+)?)\\]|([A-Za-z0-9._-]+))"
        "(?::(\\d{1,5}))?(?:/\\d+)?\\z"));
    const QRegularExpressionMatch match = form.match(text.trimmed());
    if (!match.hasMatch()) {
        return std::nullopt;
    }
    const uint port = match.captured(4).toUInt();
    if (port > 65535) {
        return std::nullopt;
    }
    MonAddress address{.protocol = match.captured(1),
                       .host = match.captured(2).isEmpty() ? match.captured(3) : match.captured(2),
                       .port = quint16(port)};
    if (address.protocol == QLatin1String("any")) {
        address.protocol.clear();
    }
    if (address.protocol.isEmpty() && (port == kV1Port || port == kV2Port)) {
        address.protocol = port == kV1Port ? QStringLiteral("v1") : QStringLiteral("v2");
    }
    return address;
}

QString MonEntry::addressOf(const QString& protocol) const
{
    for (const MonAddress& address : addresses) {
        if (address.protocol == protocol) {
            return address.toText().mid(protocol.size() + 1);
        }
    }
    return {};
}

Monmap monmapFromJson(const QJsonObject& monmap)
{
    Monmap result;
    const QJsonArray mons = monmap["mons"].toArray();
    for (const QJsonValue& value : mons) {
        const QJsonObject mon = value.toObject();
        MonEntry entry{.name = mon["name"].toString(), .rank = mon["rank"].toInt(-1)};
        const QJsonArray addrvec = mon["public_addrs"].toObject()["addrvec"].toArray();
        for (const QJsonValue& item : addrvec) {
            const QJsonObject json = item.toObject();
            const QString type = json["type"].toString();
            auto address = MonAddress::fromText(json["addr"].toString());
            if (address) {
                if (type == QLatin1String("v1") || type == QLatin1String("v2")) {
                    address->protocol = type;
                }
                entry.addresses.append(*address);
            }
        }
        if (!entry.name.isEmpty()) {
            sortAddresses(entry.addresses);
            result.append(entry);
        }
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const MonEntry& a, const MonEntry& b) { return a.rank < b.rank; });
    return result;
}

Monmap monmapFromCache(const QJsonArray& mons)
{
    Monmap result;
    for (const QJsonValue& value : mons) {
        const QJsonObject mon = value.toObject();
        MonEntry entry{.name = mon["name"].toString(), .rank = int(result.size())};
        const QJsonArray addrs = mon["addrs"].toArray();
        for (const QJsonValue& text : addrs) {
            if (const auto address = MonAddress::fromText(text.toString())) {
                entry.addresses.append(*address);
            }
        }
        if (!entry.name.isEmpty() && !entry.addresses.isEmpty()) {
            result.append(entry);
        }
    }
    return result;
}

QJsonArray monmapToCache(const Monmap& monmap)
{
    QJsonArray mons;
    for (const MonEntry& entry : monmap) {
        if (entry.addresses.isEmpty()) {
            continue;  // nobody could be asked
        }
        QJsonArray addrs;
        for (const MonAddress& address : entry.addresses) {
            addrs.append(address.toText());
        }
        mons.append(QJsonObject{{"name", entry.name}, {"addrs", addrs}});
    }
    return mons;
}

Monmap monmapFromConf(const QString& confText, const QString& monHost)
{
    const ConfSections sections = parseConf(confText);
    Monmap named;
    for (auto it = sections.begin(); it != sections.end(); ++it) {
        if (!it.key().startsWith(QLatin1String("mon."))) {
            continue;
        }
        MonEntry entry{.name = it.key().mid(4)};
        for (const char* key : {"public_addrv", "mon_addr", "public_addr", "mon_host"}) {
            const QList<QStringList> groups = monHostGroups(it->value(QString::fromLatin1(key)));
            if (!groups.isEmpty()) {
                entry.addresses = addressesOf(groups.first());
                break;
            }
        }
        if (!entry.name.isEmpty() && !entry.addresses.isEmpty()) {
            sortAddresses(entry.addresses);
            named.append(entry);
        }
    }
    Monmap result;
    const QString list = monHost.isEmpty()
                             ? sections.value(QStringLiteral("global")).value(QStringLiteral("mon_host"))
                             : monHost;
    for (const QStringList& group : monHostGroups(list)) {
        MonEntry entry{.addresses = addressesOf(group)};
        if (entry.addresses.isEmpty()) {
            continue;
        }
        sortAddresses(entry.addresses);
        const auto known = std::find_if(named.begin(), named.end(),
                                        [&entry](const MonEntry& mon) { return shareAddress(mon, entry); });
        const MonAddress& first = entry.addresses.first();
        entry.name = known != named.end()
                         ? known->name
                         : MonAddress{.protocol = {}, .host = first.host, .port = first.port}.toText();
        result.append(entry);
    }
    result += monitorsNotIn(named, result);
    for (int i = 0; i < result.size(); ++i) {
        result[i].rank = i;
    }
    return result;
}

Monmap monitorsNotIn(const Monmap& more, const Monmap& known)
{
    Monmap rest;
    for (const MonEntry& entry : more) {
        const bool there = std::any_of(known.begin(), known.end(), [&entry](const MonEntry& mon) {
            return shareAddress(mon, entry) || mon.name == entry.name;
        });
        if (!there) {
            rest.append(entry);
        }
    }
    return rest;
}

}  // namespace sluice::ceph
