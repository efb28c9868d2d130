#pragma once

#include <optional>

#include "mover/file_ops.h"

namespace sluice::mover {

/// The place below a destination where the files of one attempt lie until they are verified: a folder of an
/// unguessable name inside kStagingFolder. All is reached by descriptors and without following a link, and
/// only folders of this user that nobody else may write are used: what another user planted there is refused.
class Staging {
public:
    /// Makes it, and removes what earlier attempts of the task left, and those of any task whose worker lives
    /// no more.
    /// @param root stays open longer than this @param task run and task, without '/' and '~'
    /// @param user who must own what is used
    /// @error FailedPrecondition: what stands under the name is a link, no folder, a mount, or not this
    /// user's alone
    static Try<std::unique_ptr<Staging>> open(int root, const QString& rootPath, const QString& task,
                                              uid_t user = ::geteuid());
    /// Removes the folders if nothing is left in them.
    ~Staging();
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;

    int fd() const { return m_folder.get(); }

private:
    Staging(int root, Fd all, QByteArray name, Fd folder);
    static Try<std::unique_ptr<Staging>> openOnce(int root, const QString& path, const QByteArray& task,
                                                  uid_t user);

    int m_root;
    Fd m_all;
    QByteArray m_name;
    Fd m_folder;
};

/// How many files an attempt has staged in that folder inside kStagingFolder.
/// @return nothing if it is no folder of the mover's own: of another name, not this user's alone, or with
/// anything else
///         in it; what is in it is data like any other
std::optional<qint64> stagedFilesIn(int staging, const QByteArray& name, uid_t user = ::geteuid());

}  // namespace sluice::mover
