#include <QtCore/QRegularExpression>

#include "config/config.h"
#include "fuzz_targets.h"
#include "promise.h"
#include "systems/ceph/settings.h"
#include "systems/luigi/settings.h"

namespace sluice::fuzz {

void configFile(const QByteArray& input)
{
    static const config::ConnectionTypes kTypes =
        systems::ceph::connectionTypes() + systems::luigi::connectionTypes();
    const auto config = config::parse(QString::fromUtf8(input), QStringLiteral("fuzz.yaml"), kTypes);
    if (!config) {
        static const QRegularExpression place(QStringLiteral("fuzz\\.yaml:[1-9][0-9]*:[1-9]"));
        const QString text = config.error().toLine();
        promise(config.error().code == ErrorCode::InvalidArgument,
                "a mistake in the file is an invalid argument");
        promise(text.contains(place), "a mistake has a place in the file");
        promise(!config.error().correction.isEmpty(), "a mistake says what to do");
        return;
    }
    for (const config::RoleConfig& role : config->roles) {
        promise(config->connection(role.connection) != nullptr, "a role's connection is one of the file's");
    }
    promise(config->defaultRole.isEmpty() || config->role(config->defaultRole),
            "the default role is one of the file's");
    promise(config->stallAfterMs > 0 && config->inFlight > 0 && config->maxAttempts > 0,
            "limits are above zero");
}

}  // namespace sluice::fuzz
