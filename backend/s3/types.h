#pragma once

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QMap>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "core/error.h"

namespace sluice::s3 {

struct ListedObject {
    QString key{};
    /// The key is not UTF-8; `key` shows its bytes.
    bool notUtf8{false};
    quint64 sizeBytes{};
    /// Without quotes.
    QString etag{};
    qint64 changedAtMs{};
};

struct ListPage {
    QList<ListedObject> objects{};
    /// Token of the next page, as it came; empty on the last.
    QString next{};
};

/// Where a list goes on that is asked for by key and id.
struct PageMarkers {
    bool last{true};
    QString nextKey{};
    QString nextId{};
};

/// What a bucket with versions keeps of its past.
struct VersionPage : PageMarkers {
    /// Keys of versions that are not the latest, once for each; what marks a removal is none.
    QStringList older{};
};

/// What a reader of an object heeds beside its bytes, such as its content type: headers by their name in
/// lower case.
using ContentHeaders = QMap<QByteArray, QByteArray>;

/// What an object has beside its bytes, without what Sluice itself wrote there.
struct ObjectExtras {
    /// Those that a write can give to another object unchanged.
    ContentHeaders content{};
    bool metadata{};  ///< of a user's own, or a header that a reader heeds and no write gives on
    bool tags{};
};

struct ObjectHead {
    quint64 sizeBytes{};
    QString etag{};
    qint64 changedAtMs{};
    /// Of x-amz-meta-NAME, names in lower case.
    QHash<QString, QString> metadata{};
    ObjectExtras extras{};
};

/// A write that is refused with FailedPrecondition if the object is not as expected.
struct Condition {
    enum class Kind { None, Absent, Etag };
    Kind kind{Kind::None};
    QString etag{};
    /// Some gateways match an ETag only without quotes around it.
    bool quoted{true};
};

struct PutOptions {
    Condition condition{};
    QHash<QString, QString> metadata{};
    /// Without a content type: application/octet-stream.
    ContentHeaders content{};
};

struct Upload {
    QString key{};
    QString id{};
};

struct UploadPage : PageMarkers {
    QList<Upload> uploads{};
};

}  // namespace sluice::s3
