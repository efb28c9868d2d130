#include "model/location.h"

#include <QtCore/QDir>

namespace sluice::model {
namespace {

tl::unexpected<Error> refuse(const QString& text, const QString& why)
{
    return fail(Error{.code = ErrorCode::InvalidArgument,
                      .message = QStringLiteral("'%1' is no location").arg(text),
                      .cause = why,
                      .correction = QStringLiteral("file:/abs/dir, rados://CONNECTION/CEPHPOOL[/PREFIX] or "
                                                   "s3://CONNECTION/BUCKET[/PREFIX]"),
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
        return Location{.type = Type::File, .path = QDir::cleanPath(path)};
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
    Location location{.type = rados ? Type::Rados : Type::S3, .connection = connection, .prefix = rest.section('/', 2)};
    (rados ? location.cephPool : location.bucket) = container;
    return location;
}

QString Location::toText() const
{
    if (type == Type::File) {
        return QStringLiteral("file:") + path;
    }
    QString text = type == Type::Rados ? QStringLiteral("rados://%1/%2").arg(connection, cephPool)
                                       : QStringLiteral("s3://%1/%2").arg(connection, bucket);
    return prefix.isEmpty() ? text : text + '/' + prefix;
}

QJsonObject Location::toJson() const
{
    switch (type) {
    case Type::File: return {{"type", "file"}, {"path", path}};
    case Type::Rados:
        return {{"type", "rados"}, {"connection", connection}, {"cephPool", cephPool}, {"prefix", prefix}};
    case Type::S3: return {{"type", "s3"}, {"connection", connection}, {"bucket", bucket}, {"prefix", prefix}};
    }
    return {};
}

Location Location::fromJson(const QJsonObject& json)
{
    const QString type = json["type"].toString();
    return Location{.type = type == QLatin1String("rados") ? Type::Rados
                            : type == QLatin1String("s3")  ? Type::S3
                                                           : Type::File,
                    .connection = json["connection"].toString(),
                    .cephPool = json["cephPool"].toString(),
                    .bucket = json["bucket"].toString(),
                    .prefix = json["prefix"].toString(),
                    .path = json["path"].toString()};
}

bool liesWithin(const Location& inner, const Location& outer)
{
    if (inner.type != outer.type || inner.connection != outer.connection || inner.cephPool != outer.cephPool ||
        inner.bucket != outer.bucket) {
        return false;
    }
    if (inner.type == Location::Type::File) {
        return inner.path == outer.path || inner.path.startsWith(outer.path + '/') || outer.path == QLatin1String("/");
    }
    return inner.prefix.startsWith(outer.prefix);
}

}  // namespace sluice::model
