#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>
#include <optional>

namespace sluice::systems::ceph {

/// A right on a Ceph pool that a task needs: letters out of "r", "w", "x".
struct NeededRight {
    QString cephPool{};
    QString object{};  ///< empty: any object
    QString letters{};
    QString
        prefix{};  ///< names of the objects begin with it; for what may be granted, not for what is refused
    bool lists{};  ///< goes through the whole Ceph pool: rights on a prefix do not help
};

/// What caps say about one needed right.
struct CapsAnswer {
    QString missing{};   ///< letters not granted
    bool conditional{};  ///< a grant depends on what is not known here (tag, network, profile)
    bool allowed() const { return missing.isEmpty(); }
};

/// Judges `osd` caps as the OSD does: each grant of `allow`, restricted by pool, namespace, object_prefix.
/// The letter x stands for calling a method that reads: class-read grants that too.
/// @source the caps grammar in Ceph's user management pages
CapsAnswer judgeOsdCaps(const QString& caps, const NeededRight& needed);

/// Whether `mon` caps let a client connect and read the maps.
CapsAnswer judgeMonCaps(const QString& caps);

/// The caps with the missing rights added: "allow r pool=a, allow rw pool=b". What limits all grants there
/// now (a namespace, a prefix, a network) limits the new ones too; of namespaces only the default one, where
/// Sluice works, is added.
/// @return nullopt: not without giving up the limit to a prefix
std::optional<QString> extendedOsdCaps(const QString& caps, const QList<NeededRight>& missing);

/// The prefixes that grants on this Ceph pool are limited to, in order.
QStringList grantedPrefixes(const QString& caps, const QString& cephPool);

}  // namespace sluice::systems::ceph
