#pragma once

#include <functional>

#include "core/live_topic.h"

namespace sluice::engine {

/// Topic `engine`: one row about the engine itself, made by `make`, looked at once a second.
class EngineTopic final : public LiveTopic {
    Q_OBJECT

public:
    explicit EngineTopic(std::function<QJsonObject()> make, QObject* parent = nullptr)
        : LiveTopic(parent), m_make(std::move(make))
    {
    }

    QString name() const override { return QStringLiteral("engine"); }
    QStringList ids() const override { return {QStringLiteral("engine")}; }
    QJsonObject row(const QString& id) const override
    {
        return id == QLatin1String("engine") ? m_make() : QJsonObject{};
    }
    void refresh()
    {
        const QJsonObject now = m_make();
        if (now != m_last) {
            m_last = now;
            announce(ids());
        }
    }

private:
    std::function<QJsonObject()> m_make;
    QJsonObject m_last{};
};

}  // namespace sluice::engine
