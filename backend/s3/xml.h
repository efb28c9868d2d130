#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

#include "s3/types.h"

namespace sluice::s3 {

struct XmlError {
    QString code{};
    QString message{};
};

/// @return empty if the body is no S3 error
XmlError parseError(const QByteArray& body);
/// ListBucketResult; keys are decoded as its EncodingType says.
/// @error Internal: the answer is not what S3 describes
Result<ListPage> parseList(const QByteArray& body);
/// ListVersionsResult, as above.
Result<VersionPage> parseVersions(const QByteArray& body);
/// VersioningConfiguration. @return its status; empty: the bucket never kept versions. @error as above
Result<QString> parseVersioning(const QByteArray& body);
/// ListMultipartUploadsResult, as above.
Result<UploadPage> parseUploads(const QByteArray& body);
/// Text of the first element of that name; empty if there is none.
QString elementText(const QByteArray& body, const char* name);

}  // namespace sluice::s3
