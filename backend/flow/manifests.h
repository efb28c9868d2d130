#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <functional>
#include <memory>

#include "core/error.h"

namespace sluice::store {
class Manifest;
}

namespace sluice::flow {

/// The manifests of the runs at work, opened when first needed, off the main loop.
/// @thread main loop only
class Manifests final : public QObject {
    Q_OBJECT

public:
    using Ready = std::function<void(Result<store::Manifest*>)>;

    explicit Manifests(QString folder, QObject* parent = nullptr);
    ~Manifests() override;
    void with(qint64 run, Ready ready);
    void close(qint64 run);
    QString file(qint64 run) const;

private:
    struct Slot {
        std::shared_ptr<store::Manifest> manifest{};
        QList<Ready> waiting{};
    };
    void opened(qint64 run, const Result<std::shared_ptr<store::Manifest>>& manifest);

    QString m_folder;
    QHash<qint64, Slot> m_slots{};
};

}  // namespace sluice::flow
