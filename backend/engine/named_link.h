#pragma once

#include "actions/asker.h"
#include "connect/link.h"

namespace sluice::engine {

/// A link on which every change is made, and recorded, in the name of who asked for it: see RecordedLink.
/// @thread main loop only
class NamedLink final : public connect::Link {
public:
    explicit NamedLink(connect::Link& link) : m_link(link) {}

    /// From now on; nobody: the engine by itself.
    void actFor(const actions::Asker& asker) { m_asker = asker; }

    void call(const QString& connection, const QString& method, const QJsonObject& params, int deadlineMs,
              bool mutating, Reply reply) override
    {
        m_link.call(connection, method, mutating ? named(params, m_asker) : params, deadlineMs, mutating,
                    std::move(reply));
    }
    Result<void> mayAct(const QString& connection) const override { return m_link.mayAct(connection); }
    Result<void> isLeader(const QString& connection) const override { return m_link.isLeader(connection); }

    /// Parameters of one change that `asker` asked for.
    static QJsonObject named(QJsonObject params, const actions::Asker& asker)
    {
        if (!asker.isNobody()) {
            QJsonObject because = params["because"].toObject();
            because["asker"] = asker.toJson();
            params["because"] = because;
        }
        return params;
    }

private:
    connect::Link& m_link;
    actions::Asker m_asker{};
};

}  // namespace sluice::engine
