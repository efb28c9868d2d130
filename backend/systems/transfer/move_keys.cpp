#include <QtCore/QRandomGenerator>
#include <QtCore/QTimer>

#include "core/log.h"
#include "systems/ceph/claims/claims.h"
#include "systems/ceph/settings.h"
#include "systems/transfer/move_attempt.h"

namespace sluice::systems::transfer {
namespace {

constexpr int kS3KeyMs = 10'000;

QString randomText(int bytes)
{
    QByteArray raw(bytes, Qt::Uninitialized);
    for (char& c : raw) {
        c = static_cast<char>(QRandomGenerator::system()->bounded(256));
    }
    return QString::fromLatin1(raw.toHex());
}

}  // namespace

void MoveExecutor::makeS3Key(std::shared_ptr<Attempt> attempt, const QString& gateway,
                             std::function<void()> then)
{
    const config::Connection* configured = m_config.connection(gateway);
    const auto* connection = configured ? configured->as<ceph::GatewaySettings>() : nullptr;
    if (!connection) {
        refuse(attempt,
               Error{.code = ErrorCode::FailedPrecondition,
                     .message = QStringLiteral("There is no gateway %1").arg(gateway),
                     .cause = QStringLiteral("the configuration no longer names it"),
                     .correction = QStringLiteral("Add it to the configuration and start the engine again."),
                     .source = QStringLiteral("sluiced")});
        return;
    }
    const config::Connection* cluster = ceph::clusterOfGateway(m_config, gateway);
    const QJsonObject base{{"endpoint", connection->endpoint},
                           {"region", connection->region},
                           {"etagMatch", m_traits.of(gateway)["etagMatch"]}};
    if (!cluster || !connection->perAttemptKeys) {
        m_vault.get(connection->secretName, [this, attempt, gateway, base, then](Result<QByteArray> secret) {
            if (!isCurrent(attempt)) {
                return;
            }
            if (!secret) {
                refuse(attempt, secret.error());
                return;
            }
            const QList<QByteArray> lines = secret->trimmed().split('\n');
            QJsonObject full = base;
            full["accessKey"] = QString::fromLatin1(lines.value(0).trimmed());
            full["secretKey"] = QString::fromLatin1(lines.value(1).trimmed());
            attempt->gateways[gateway] = full;
            then();
        });
        return;
    }
    // A key of the attempt's own: taking it back is how an S3 attempt is fenced.
    QString& accessKey = attempt->accessKeys[gateway];
    if (accessKey.isEmpty()) {
        accessKey = QStringLiteral("SL%1").arg(randomText(9).toUpper());
    }
    const QJsonObject name{{"connection", gateway}, {"accessKey", accessKey}};
    const flow::Claim claim = ceph::s3KeyClaim(gateway, accessKey);
    attempt->sink->claim(attempt->order.key, claim, [=, this](const Result<void>& kept) {
        if (!isCurrent(attempt)) {
            return;
        }
        if (!kept && kept.error().retryable) {
            later(attempt, [=, this] { makeS3Key(attempt, gateway, then); });
            return;
        }
        if (!kept) {
            refuse(attempt, kept.error());
            return;
        }
        QJsonObject params = name;
        params["because"] =
            connect::Link::because(attempt->order.run, QStringLiteral("%1/%2, attempt %3")
                                                           .arg(attempt->order.run, attempt->order.spec.name)
                                                           .arg(attempt->order.key.attempt));
        m_link.call(
            cluster->name, QStringLiteral("s3.key.create"), params, kS3KeyMs, true,
            [=, this](const Result<QJsonObject>& made) {
                const bool mayBeThere = made || made.error().code == ErrorCode::OutcomeUnknown ||
                                        made.error().code == ErrorCode::AlreadyExists;
                if (!isCurrent(attempt)) {
                    // The fence of the attempt may have come before the key.
                    if (mayBeThere) {
                        m_link.call(
                            cluster->name, QStringLiteral("s3.key.remove"), params, kS3KeyMs, true,
                            [name](const Result<QJsonObject>& removed) {
                                if (!removed) {
                                    log::warn(
                                        "s3",
                                        QStringLiteral("Key %1 may be left on %2; nobody has its secret. %3")
                                            .arg(name["accessKey"].toString(), name["connection"].toString(),
                                                 removed.error().toLine()));
                                }
                            });
                    }
                    return;
                }
                if (!made) {
                    attempt->sink->blocked(attempt->order.key, QJsonObject{{"what", "gateway"},
                                                                           {"connection", gateway},
                                                                           {"op", "make key"},
                                                                           {"error", made.error().toJson()}});
                    if (!made.error().retryable && made.error().code != ErrorCode::Unavailable &&
                        !mayBeThere) {
                        refuse(attempt, made.error());
                        return;
                    }
                    // The gateway may come back; until then the task makes no progress and is found stalled.
                    later(attempt, [=, this] {
                        if (mayBeThere) {
                            dropS3Key(attempt, gateway, params, then);
                        } else {
                            makeS3Key(attempt, gateway, then);
                        }
                    });
                    return;
                }
                attempt->keyWaitMs = 0;
                attempt->sink->unblocked(attempt->order.key);
                QJsonObject full = base;
                full["accessKey"] = name["accessKey"];
                full["secretKey"] = (*made)["secretKey"].toString();
                attempt->gateways[gateway] = full;
                then();
            });
    });
}

/// One that may have been made is not asked for again: nobody has its secret, and a late answer to the first
/// call would change it. Another is made only after it is gone, so that there is one at most.
void MoveExecutor::dropS3Key(std::shared_ptr<Attempt> attempt, const QString& gateway,
                             const QJsonObject& params, std::function<void()> then)
{
    const config::Connection* cluster = ceph::clusterOfGateway(m_config, gateway);
    m_link.call(cluster->name, QStringLiteral("s3.key.remove"), params, kS3KeyMs, true,
                [=, this](const Result<QJsonObject>& removed) {
                    if (!isCurrent(attempt)) {
                        return;
                    }
                    if (!removed && removed.error().code != ErrorCode::NotFound) {
                        attempt->sink->blocked(attempt->order.key,
                                               QJsonObject{{"what", "gateway"},
                                                           {"connection", gateway},
                                                           {"op", "remove key"},
                                                           {"error", removed.error().toJson()}});
                        later(attempt, [=, this] { dropS3Key(attempt, gateway, params, then); });
                        return;
                    }
                    attempt->accessKeys.remove(gateway);
                    makeS3Key(attempt, gateway, then);
                });
}

}  // namespace sluice::systems::transfer
