#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <functional>
#include <memory>

#include "rpc/endpoint.h"

namespace sluice::engine {

class FolderLock;

/// Where clients find this engine: endpoint.json and token of its state folder. Both are looked at as long as
/// it runs, and written anew if they could not be written or somebody removed or opened them, or its clients
/// would not find it.
/// @thread main loop only
class Publication final : public QObject {
    Q_OBJECT

public:
    /// A token that is lost is replaced by another: who has it is not known. It counts from the call of this
    /// on.
    using TokenChanged = std::function<void(const QByteArray& token)>;

    /// @param self with the token that is in the folder
    Publication(std::shared_ptr<const FolderLock> folder, QString stateDir, rpc::Endpoint self,
                TokenChanged changed, QObject* parent = nullptr);

    /// Looks in a thread of the pool, and writes what is missing.
    void check();
    /// Takes endpoint.json away; nothing is written after it.
    void end();

private:
    void restore(const rpc::Lost& lost);
    void tell(const Result<void>& written);

    std::shared_ptr<const FolderLock> m_folder;
    QString m_stateDir;
    rpc::Endpoint m_self;
    TokenChanged m_changed;
    bool m_published{false};
    bool m_looking{false};
    bool m_failing{false};
    bool m_ended{false};
};

}  // namespace sluice::engine
