#include "config/setting_values.h"

#include <QtCore/QUrl>

#include "core/read_file.h"
#include "yaml/reader.h"

namespace sluice::config {
namespace {

constexpr qint64 kMaxFile = 1024 * 1024;  // of a configuration, a keyring

}  // namespace

QString readPath(const yaml::Value& value)
{
    const QString path = value.text();
    if (!path.isEmpty() && !path.startsWith('/')) {
        value.problem(QStringLiteral("'%1' is a relative path").arg(path),
                      QStringLiteral("an absolute path"));
    }
    return path;
}

QString readFilePath(const yaml::Value& value)
{
    const QString path = readPath(value);
    const QString what = path.isEmpty() ? QString() : notRegular(path, kMaxFile);
    if (!what.isEmpty()) {
        value.problem(QStringLiteral("'%1' cannot be used: %2").arg(path, what),
                      QStringLiteral("the path of a small file"));
    }
    return path;
}

QString readUrl(const yaml::Value& value, const QString& expected, bool mayNameUser)
{
    const QString text = value.text();
    const QUrl url(text, QUrl::StrictMode);
    const bool web = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!text.isEmpty() &&
        (!url.isValid() || !web || url.host().isEmpty() || url.hasQuery() || url.hasFragment())) {
        value.problem(QStringLiteral("this is no address of a service"), expected);
    } else if (!mayNameUser && !url.userInfo().isEmpty()) {
        value.problem(QStringLiteral("the address holds a user or a password"), expected);
    }
    return text;
}

}  // namespace sluice::config
