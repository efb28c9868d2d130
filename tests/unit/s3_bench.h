#pragma once

#include <QtCore/QMutex>
#include <atomic>

#include "s3/client.h"
#include "s3/curl_transport.h"
#include "s3_fake_gateway.h"

namespace s3bench {

using namespace sluice;
using namespace sluice::s3;

class SetClock final : public Clock {
public:
    qint64 nowMs() const override { return 1440938160000; }  // 2015-08-30T12:36:00Z
    qint64 monotonicMs() const override { return passedMs; }
    std::atomic<qint64> passedMs{0};
};

/// A gateway with a client on it; keeps what arrived.
struct Bench {
    explicit Bench(FakeGateway::Handler handler, Timeouts timeouts = {})
        : gateway([this, handler](const FakeGateway::Request& request) {
              {
                  const QMutexLocker lock(&mutex);
                  requests.append(request);
              }
              return handler(request);
          }),
          transport(QStringLiteral("rgw.lab"), timeouts),
          client(Gateway{.name = QStringLiteral("rgw.lab"),
                         .endpoint = gateway.endpoint(),
                         .region = QStringLiteral("default"),
                         .credentials = {.accessKey = "AK", .secretKey = "top-secret"}},
                 transport, clock)
    {
    }
    FakeGateway::Request last()
    {
        const QMutexLocker lock(&mutex);
        return requests.last();
    }
    QMutex mutex{};
    QList<FakeGateway::Request> requests{};
    FakeGateway gateway;
    SetClock clock{};
    CurlTransport transport;
    Client client;
};

inline QByteArray xmlError(const QByteArray& code)
{
    return "<?xml version=\"1.0\"?><Error><Code>" + code +
           "</Code><Message>words of the gateway</Message></Error>";
}

}  // namespace s3bench
