#pragma once

#include <QtCore/QObject>
#include <QtCore/QThread>
#include <memory>
#include <vector>

#include "config/config.h"
#include "core/clock.h"
#include "estate/estate.h"

namespace sluice::luigi {
class LuigiConnector;
}

namespace sluice::engine {

/// The luigids of the configuration, each read in a thread of their own so that a large answer is parsed
/// there.
/// @thread main loop only
class LuigiWatch final : public QObject {
    Q_OBJECT

public:
    LuigiWatch(const config::Config& config, estate::Estate& estate, const Clock& clock,
               QObject* parent = nullptr);
    ~LuigiWatch() override;
    void start();

private:
    QThread m_thread{};
    std::vector<luigi::LuigiConnector*> m_connectors{};
};

}  // namespace sluice::engine
