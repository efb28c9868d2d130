#pragma once

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace sluice::diagnosis {

/// A right on a Ceph pool that a task needs: letters out of "r", "w", "x".
struct NeededRight {
    QString cephPool{};
    QString object{};  ///< empty: any object
    QString letters{};
};

/// What caps say about one needed right.
struct CapsAnswer {
    QString missing{};   ///< letters not granted
    bool conditional{};  ///< a grant depends on what is not known here (tag, network, profile)
    bool allowed() const { return missing.isEmpty(); }
};

/// Judges `osd` caps as the OSD does: each grant of `allow`, restricted by pool, namespace, object_prefix.
/// @source the caps grammar in Ceph's user management pages
CapsAnswer judgeOsdCaps(const QString& caps, const NeededRight& needed);

/// Whether `mon` caps let a client connect and read the maps.
CapsAnswer judgeMonCaps(const QString& caps);

/// The caps with the missing rights added: "allow r pool=a, allow rw pool=b".
QString extendedOsdCaps(const QString& caps, const QList<NeededRight>& missing);

}  // namespace sluice::diagnosis
