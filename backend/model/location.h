#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice::model {

/// Where data lies: a folder of files, a Ceph pool (with a name prefix), or an S3 bucket (with a key prefix).
/// Text forms: file:/abs/dir · rados://CONNECTION/CEPHPOOL[/PREFIX] · s3://CONNECTION/BUCKET[/PREFIX]
struct Location {
    enum class Type { File, Rados, S3 };
    Type type{Type::File};
    QString connection{};
    QString cephPool{};
    QString bucket{};
    QString prefix{};
    QString path{};

    /// @error InvalidArgument with what was expected in `correction`
    static Result<Location> parse(const QString& text);
    QString toText() const;
    /// Shape: {type: file|rados|s3, connection?, cephPool?, bucket?, prefix?, path?}
    QJsonObject toJson() const;
    static Location fromJson(const QJsonObject& json);
};

/// Whether `inner` lies in `outer` or is the same: what is put there is listed with `outer`.
bool liesWithin(const Location& inner, const Location& outer);

}  // namespace sluice::model
