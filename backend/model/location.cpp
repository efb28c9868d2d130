#include "model/location.h"

#include <QtCore/QDir>
#include <optional>

#include "model/object_name.h"

namespace sluice::model {
namespace {

std::optional<Location::Type> typeFrom(const QJsonObject& json)
{
    const QString word = json["type"].toString();
    if (word == QLatin1String("file")) {
        return Location::Type::File;
    }
    if (word == QLatin1String("rados")) {
        return Location::Type::Rados;
    }
    return word == QLatin1String("s3") ? std::optional(Location::Type::S3) : std::nullopt;
}

tl::unexpected<Error> refuse(const QString& text, const QString& why)
{
    return fail(Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("'%1' is no location").arg(text),
                      .cause = why,
                      .correction = QStringLiteral("file:/abs/dir, rados://CONNECTION/CEPHPOOL[/FOLDER] or "
                                                   "s3://CONNECTION/BUCKET[/FOLDER]"),
                      .source = QStringLiteral("flow")});
}

}  // namespace

Result<Location> Location::parse(const QString& text)
{
    if (text.startsWith(QLatin1String("file:"))) {
        QString path = text.mid(5);
        if (path.startsWith(QLatin1String("//"))) {
            path = path.mid(2);
        }
        if (!path.startsWith('/')) {
            return refuse(text, QStringLiteral("a file location needs an absolute path"));
        }
        const bool folder = path.endsWith('/');
        return Location{.type = Type::File, .path = QDir::cleanPath(path), .mayBeObject = !folder};
    }
    const bool rados = text.startsWith(QLatin1String("rados://"));
    const bool s3 = text.startsWith(QLatin1String("s3://"));
    if (!rados && !s3) {
        return refuse(text, QStringLiteral("it starts with none of file:, rados://, s3://"));
    }
    const QString rest = text.mid(rados ? 8 : 5);
    const QString connection = rest.section('/', 0, 0);
    const QString container = rest.section('/', 1, 1);
    if (connection.isEmpty() || container.isEmpty()) {
        return refuse(text, rados ? QStringLiteral("the connection or the Ceph pool is missing")
                                  : QStringLiteral("the connection or the bucket is missing"));
    }
    Location location{.type = rados ? Type::Rados : Type::S3, .connection = connection};
    (rados ? location.cephPool : location.bucket) = container;
    location.setFolder(rest.section('/', 2));
    return location;
}

void Location::setFolder(const QString& written)
{
    mayBeObject = !written.isEmpty() && !written.endsWith('/');
    prefix = mayBeObject ? written + '/' : written;
}

Location::ObjectPlace Location::asObject() const
{
    ObjectPlace place{.folder = *this, .name = {}};
    place.folder.mayBeObject = false;
    if (type == Type::File) {
        place.name = path.section('/', -1);
        place.folder.path = path.chopped(place.name.size() + 1);
        if (place.folder.path.isEmpty()) {
            place.folder.path = QStringLiteral("/");
        }
        return place;
    }
    place.name = prefix.chopped(1).section('/', -1);
    place.folder.prefix = prefix.chopped(place.name.size() + 1);
    return place;
}

QString Location::toText() const
{
    if (type == Type::File) {
        return QStringLiteral("file:") + path;
    }
    QString text = type == Type::Rados ? QStringLiteral("rados://%1/%2").arg(connection, cephPool)
                                       : QStringLiteral("s3://%1/%2").arg(connection, bucket);
    return prefix.isEmpty() ? text : text + '/' + (mayBeObject ? prefix.chopped(1) : prefix);
}

QJsonObject Location::toJson() const
{
    QJsonObject json;
    switch (type) {
        case Type::File:
            json = {{"type", "file"}, {"path", nameOnWire(path)}};
            break;
        case Type::Rados:
            json = {{"type", "rados"}, {"connection", connection}, {"cephPool", cephPool}};
            break;
        case Type::S3:
            json = {{"type", "s3"}, {"connection", connection}, {"bucket", bucket}};
            break;
    }
    if (type != Type::File) {
        json["prefix"] = nameOnWire(prefix);
    }
    if (mayBeObject) {
        json["mayBeObject"] = true;
    }
    return json;
}

bool Location::knows(const QJsonObject& json)
{
    return typeFrom(json).has_value();
}

Location Location::fromJson(const QJsonObject& json)
{
    Location location{.type = typeFrom(json).value_or(Type::File),
                      .connection = json["connection"].toString(),
                      .cephPool = json["cephPool"].toString(),
                      .bucket = json["bucket"].toString(),
                      .path = nameFromWire(json["path"].toString())};
    location.setFolder(nameFromWire(json["prefix"].toString()));
    location.mayBeObject = location.mayBeObject || json["mayBeObject"].toBool();
    return location;
}

bool liesWithin(const Location& inner, const Location& outer)
{
    if (inner.type != outer.type || inner.connection != outer.connection ||
        inner.cephPool != outer.cephPool || inner.bucket != outer.bucket) {
        return false;
    }
    if (inner.type == Location::Type::File) {
        return inner.path == outer.path || inner.path.startsWith(outer.path + '/') ||
               outer.path == QLatin1String("/");
    }
    return inner.prefix.startsWith(outer.prefix);
}

}  // namespace sluice::model
