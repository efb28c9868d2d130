#pragma once

#include <QtCore/QString>
#include <mutex>
#include <vector>

#include "s3/transport.h"

namespace sluice::s3 {

struct Timeouts {
    int connectMs{3000};
    /// No byte in either direction for that long ends the request.
    int stallSeconds{30};
    /// The whole request; 0: as long as bytes move.
    int wholeMs{0};
};

/// HTTP over libcurl: keeps connections for reuse, one per call at work; drops a connection after an error
/// answer to a request with a body, for the gateway may not have read all of it. Uses no proxy and follows no
/// redirect.
class CurlTransport final : public Transport {
public:
    /// @param system how errors name the other side, such as "rgw.vega"
    CurlTransport(QString system, Timeouts timeouts);
    ~CurlTransport() override;
    CurlTransport(const CurlTransport&) = delete;
    CurlTransport& operator=(const CurlTransport&) = delete;
    Result<HttpAnswer> send(const HttpRequest& request) override;

private:
    void* take();
    void giveBack(void* handle);
    Error describe(int curlCode, const HttpRequest& request, const char* detail, bool sent) const;

    QString m_system;
    Timeouts m_timeouts;
    std::mutex m_mutex{};
    std::vector<void*> m_idle{};
};

}  // namespace sluice::s3
