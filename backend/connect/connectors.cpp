#include "connect/connectors.h"

namespace sluice::connect {
namespace {

Error noConnection(const QString& connection)
{
    return Error{.code = ErrorCode::NotFound,
                 .message = QStringLiteral("There is no connection '%1'").arg(connection),
                 .cause = QStringLiteral("the engine's configuration does not name it"),
                 .correction = QStringLiteral("Add it to the configuration and start the engine again."),
                 .source = connection};
}

}  // namespace

Connectors::Connectors(std::vector<std::unique_ptr<Connector>> connectors, estate::Estate& estate,
                       const Clock& clock, QObject* parent)
    : QObject(parent), m_estate(estate), m_intake(estate), m_clock(clock)
{
    for (auto& item : connectors) {
        const Connector& connector = *item;
        connect(&connector, &Connector::observed, this,
                [this, &connector](const Observation& observation) { take(connector, observation); });
        connect(&connector, &Connector::statusChanged, this, [this, &connector] { show(connector); });
        m_connectors.emplace(connector.connection(), std::move(item));
    }
}

Connectors::~Connectors() = default;

Result<void> Connectors::load()
{
    for (auto& [name, connector] : m_connectors) {
        if (auto loaded = connector->load(); !loaded) {
            return loaded;
        }
    }
    m_estate.keepOnly(names());
    return {};
}

void Connectors::start()
{
    for (auto& [name, connector] : m_connectors) {
        connector->start();
    }
}

void Connectors::stop()
{
    // One more than there are connectors: those that stop at once must not end it before the others were
    // told.
    auto open = std::make_shared<size_t>(m_connectors.size() + 1);
    const auto finish = [this, open] {
        if (--*open == 0) {
            Q_EMIT stopped();
        }
    };
    for (auto& [name, connector] : m_connectors) {
        connect(connector.get(), &Connector::stopped, this, finish);
        connector->stop();
    }
    finish();
}

Connector* Connectors::find(const QString& connection) const
{
    const auto it = m_connectors.find(connection);
    return it == m_connectors.end() ? nullptr : it->second.get();
}

void Connectors::call(const QString& connection, const QString& method, const QJsonObject& params,
                      int deadlineMs, bool mutating, Reply reply)
{
    Connector* connector = find(connection);
    if (!connector) {
        reply(fail(noConnection(connection)));
        return;
    }
    connector->call(method, params, deadlineMs, mutating, std::move(reply));
}

Result<void> Connectors::mayAct(const QString& connection) const
{
    const Connector* connector = find(connection);
    return connector ? connector->mayAct() : Result<void>(fail(noConnection(connection)));
}

Result<void> Connectors::isLeader(const QString& connection) const
{
    const Connector* connector = find(connection);
    return connector ? connector->isLeader() : Result<void>(fail(noConnection(connection)));
}

QSet<QString> Connectors::names() const
{
    QSet<QString> names;
    for (const auto& [name, connector] : m_connectors) {
        names.insert(name);
    }
    return names;
}

std::vector<const Connector*> Connectors::all() const
{
    std::vector<const Connector*> list;
    list.reserve(m_connectors.size());
    for (const auto& [name, connector] : m_connectors) {
        list.push_back(connector.get());
    }
    return list;
}

void Connectors::take(const Connector& connector, const Observation& observation)
{
    m_intake.take(connector.connection(), observation);
}

void Connectors::show(const Connector& connector)
{
    // Whoever reads the row finds the facts that it tells of.
    m_intake.afterwards(connector.connection(), [this, name = connector.connection(),
                                                 status = connector.status()] { put(name, status); });
}

void Connectors::put(const QString& name, Status status)
{
    const estate::OldestFact oldest = m_estate.oldestFact(name, m_clock.nowMs());
    status.facts["oldestFactAt"] =
        oldest.observedAtMs > 0 ? QJsonValue(toRfc3339(oldest.observedAtMs)) : status.facts["lastContactAt"];
    status.facts["oldestFactStaleAfterMs"] =
        oldest.staleAfterMs > 0 ? QJsonValue(oldest.staleAfterMs) : status.facts["staleAfterMs"];
    m_estate.upsert(estate::Entity{.id = estate::entityId(name, QStringLiteral("connection"), name),
                                   .connection = name,
                                   .kind = QStringLiteral("connection"),
                                   .name = name,
                                   .source = status.source,
                                   .observedAtMs = status.observedAtMs,
                                   .facts = status.facts});
}

}  // namespace sluice::connect
