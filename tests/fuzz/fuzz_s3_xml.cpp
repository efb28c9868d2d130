#include "fuzz_targets.h"
#include "promise.h"
#include "s3/uri.h"
#include "s3/xml.h"

namespace sluice::fuzz {

void s3Xml(const QByteArray& input)
{
    if (const auto page = s3::parseList(input); !page) {
        promise(!page.error().cause.isEmpty(), "a list that is refused says why");
    }
    if (const auto page = s3::parseUploads(input); !page) {
        promise(!page.error().cause.isEmpty(), "a list of uploads that is refused says why");
    }
    if (const auto page = s3::parseVersions(input); !page) {
        promise(!page.error().cause.isEmpty(), "a list of versions that is refused says why");
    } else {
        promise(page->last || !page->nextKey.isEmpty(), "a list of versions that goes on says where");
    }
    if (const auto status = s3::parseVersioning(input); !status) {
        promise(!status.error().cause.isEmpty(), "an answer about versioning that is refused says why");
    }
    static_cast<void>(s3::parseError(input));
    static_cast<void>(s3::elementText(input, "UploadId"));
    promise(s3::percentDecode(s3::percentEncode(input)) == input,
            "what is percent-encoded is decoded to the same");
    promise(s3::percentDecode(s3::percentEncode(input, true)) == input, "a kept slash changes nothing");
}

}  // namespace sluice::fuzz
