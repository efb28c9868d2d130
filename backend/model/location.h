#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "core/error.h"

namespace sluice::model {

/// Where data lies: a folder of files, or a folder in a Ceph pool or an S3 bucket, which is what the names
/// before a '/' have in common. Text forms: file:/abs/dir · rados://CONNECTION/CEPHPOOL[/FOLDER] ·
/// s3://CONNECTION/BUCKET[/FOLDER]
struct Location {
    enum class Type { File, Rados, S3 };
    Type type{Type::File};
    QString connection{};
    QString cephPool{};
    QString bucket{};
    /// What every name in the folder begins with: empty, or with a '/' at its end.
    QString prefix{};
    QString path{};
    /// As a source it may also be one object of that name: it was written without a '/' at its end.
    bool mayBeObject{false};

    /// @error InvalidArgument with what was expected in `correction`
    static Result<Location> parse(const QString& text);
    /// As it was written, a file location without the '/' at its end.
    QString toText() const;
    /// Shape: {type: file|rados|s3, connection?, cephPool?, bucket?, prefix?, path?, mayBeObject?}
    QJsonObject toJson() const;
    static Location fromJson(const QJsonObject& json);
    /// Whether fromJson() knows its type; one that it does not know would be taken for a file.
    static bool knows(const QJsonObject& json);
    /// The folder that holds the object, and the object's name there, for one that may be an object.
    struct ObjectPlace;
    ObjectPlace asObject() const;

private:
    void setFolder(const QString& written);
};

struct Location::ObjectPlace {
    Location folder{};
    QString name{};
};

/// Whether `inner` lies in `outer` or is the same: what is put there is listed with `outer`.
bool liesWithin(const Location& inner, const Location& outer);

}  // namespace sluice::model
