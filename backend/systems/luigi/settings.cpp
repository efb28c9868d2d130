#include "systems/luigi/settings.h"

#include "config/setting_values.h"
#include "yaml/reader.h"

namespace sluice::systems::luigi {
namespace {

std::shared_ptr<const config::Settings> readLuigi(const QString&, const yaml::Map& map)
{
    map.refuseOthers({"type", "url", "program", "pythonPath"});
    auto c = std::make_shared<LuigiSettings>();
    c->url =
        config::readUrl(map.required(QStringLiteral("url"), QStringLiteral("http://host:port of luigid")),
                        QStringLiteral("http://host:port of luigid"), true);
    c->program = map.optional(QStringLiteral("program")).text(QStringLiteral("luigi"));
    c->pythonPath = config::readPath(map.optional(QStringLiteral("pythonPath")));
    return c;
}

}  // namespace

config::ConnectionTypes connectionTypes()
{
    return {{.type = QStringLiteral("luigi"), .read = readLuigi}};
}

}  // namespace sluice::systems::luigi
