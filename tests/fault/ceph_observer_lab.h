#pragma once

#include <QtCore/QFile>
#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QProcess>
#include <optional>

#include "core/clock.h"
#include "patience.h"
#include "worker/worker_process.h"

namespace sluice {

using worker::Effect;
using worker::WorkerProcess;

/// One laboratory cluster, gone with the object.
class Lab {
public:
    explicit Lab(const QString& dir) : m_dir(dir) {}
    ~Lab()
    {
        if (m_made) {
            run({QStringLiteral("down")});
        }
    }

    void beginUp(bool withGateway)
    {
        m_made = true;
        QStringList arguments{QStringLiteral("--dir"), m_dir, QStringLiteral("up")};
        if (!withGateway) {
            arguments << QStringLiteral("--no-rgw");
        }
        m_up.start(QStringLiteral(CEPH_LAB), arguments);
    }
    bool endUp() { return m_up.waitForFinished(120'000) && m_up.exitCode() == 0; }
    QByteArray upOutput() { return m_up.readAllStandardError(); }

    bool run(const QStringList& arguments)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process.start(QStringLiteral(CEPH_LAB), QStringList{QStringLiteral("--dir"), m_dir} + arguments);
        return process.waitForFinished(120'000) && process.exitCode() == 0;
    }
    /// These programs as the administrator; what they start is gone when they return.
    bool rados(const QStringList& arguments) { return asAdmin(QStringLiteral("rados"), arguments); }
    bool ceph(const QStringList& arguments) { return asAdmin(QStringLiteral("ceph"), arguments); }
    /// Parameters of the lab's gateway as "start" takes them.
    QJsonObject gateway() const
    {
        QProcess process;
        process.start(QStringLiteral(CEPH_LAB), {QStringLiteral("--dir"), m_dir, QStringLiteral("env")});
        process.waitForFinished(30'000);
        const QString environment = QString::fromUtf8(process.readAllStandardOutput());
        const auto value = [&environment](const QString& name) {
            return environment.section(name + '=', 1).section('\n', 0, 0);
        };
        QFile keys(value(QStringLiteral("SLUICE_LAB_S3_KEY_FILE")));
        const bool opened = keys.open(QIODevice::ReadOnly);
        const QStringList lines = opened ? QString::fromUtf8(keys.readAll()).split('\n') : QStringList();
        return {{"connection", "rgw.vega"},    {"endpoint", value(QStringLiteral("SLUICE_LAB_S3_ENDPOINT"))},
                {"region", "default"},         {"uid", "lab"},
                {"accessKey", lines.value(0)}, {"secretKey", lines.value(1)}};
    }
    QString conf() const { return m_dir + QStringLiteral("/ceph/ceph.conf"); }
    QString keyring() const { return m_dir + QStringLiteral("/ceph/keyring.client.sluice"); }
    QString adminKeyring() const { return m_dir + QStringLiteral("/ceph/keyring.client.admin"); }

private:
    bool asAdmin(const QString& program, const QStringList& arguments)
    {
        QProcess process;
        process.start(program,
                      QStringList{"-c", conf(), "-n", "client.admin", "-k", adminKeyring()} + arguments);
        return process.waitForFinished(30'000) && process.exitCode() == 0;
    }

    QString m_dir;
    QProcess m_up{};
    bool m_made{false};
};

/// An observe worker and everything it said.
class Observed : public QObject {
public:
    Observed(const QString& connection, const Lab& lab, const QString& engineId = QStringLiteral("engine-1"))
        : worker({.program = QStringLiteral(SLUICE_WORKER_PROGRAM),
                  .arguments = {QStringLiteral("observe")},
                  .label = connection},
                 m_clock)
    {
        params = {{"connection", connection},
                  {"conf", lab.conf()},
                  {"entity", "client.sluice"},
                  {"keyring", lab.keyring()},
                  {"pollMs", 500},
                  {"lease", QJsonObject{{"cephPool", "sluice"},
                                        {"object", "sluice.lease"},
                                        {"cookie", engineId},
                                        {"engineId", engineId},
                                        {"durationMs", 5000}}}};
        connect(&worker, &WorkerProcess::event, this,
                [this](const QString& name, const QJsonObject& p) { take(name, p); });
    }

    bool start()
    {
        worker.start();
        return call(QStringLiteral("start"), params).has_value();
    }

    Result<QJsonObject> call(const QString& method, const QJsonObject& p, Effect effect = Effect::Reads)
    {
        std::optional<Result<QJsonObject>> got;
        worker.call(
            method, p, sluice::test::kPatienceMs, this,
            [&got](const Result<QJsonObject>& result) { got = result; }, effect);
        if (!sluice::test::waitUntil([&got] { return got.has_value(); })) {
            return fail(Error{.code = ErrorCode::Internal, .message = QStringLiteral("no reply at all")});
        }
        return *got;
    }

    QJsonObject facts(const QString& id) const { return entities.value(id)["facts"].toObject(); }
    bool quorate(const QString& connection) const
    {
        return facts(connection + QStringLiteral("/mon-quorum/") + connection)["quorate"].toBool();
    }
    QString leaseState() const { return lease["state"].toString(); }

    WorkerProcess worker;
    QJsonObject params{};
    QHash<QString, QJsonObject> entities{};
    QHash<QString, int> timesSaid{};
    QJsonObject session{};
    QJsonObject lease{};
    QStringList leaseStates{};
    QJsonArray monmap{};
    QByteArray everything{};

private:
    void take(const QString& name, const QJsonObject& p)
    {
        everything += QJsonDocument(p).toJson(QJsonDocument::Compact);
        if (name == QLatin1String("facts")) {
            takeFacts(p);
        } else if (name == QLatin1String("session")) {
            session = p;
        } else if (name == QLatin1String("lease")) {
            lease = p;
            leaseStates << p["state"].toString();
        } else if (name == QLatin1String("monmap")) {
            monmap = p["mons"].toArray();
        }
    }

    void takeFacts(const QJsonObject& p)
    {
        const QStringList complete = p["complete"].toVariant().toStringList();
        entities.removeIf([&complete](QHash<QString, QJsonObject>::iterator it) {
            return complete.contains(it.value()["kind"].toString());
        });
        const QJsonArray list = p["entities"].toArray();
        for (const QJsonValue& value : list) {
            const QJsonObject entity = value.toObject();
            entities.insert(entity["id"].toString(), entity);
            ++timesSaid[entity["kind"].toString()];
        }
    }

    SystemClock m_clock{};
};

}  // namespace sluice
