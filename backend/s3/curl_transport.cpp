#include "s3/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

namespace sluice::s3 {
namespace {

/// What a gateway says about a refusal is kept up to here, whatever length was asked for.
constexpr qsizetype kRefusalBytes = 64 * 1024;

struct Receiver {
    HttpAnswer answer{};
    qint64 limit{};
    bool tooLong{false};
};

size_t onBody(char* data, size_t size, size_t count, void* user)
{
    auto* receiver = static_cast<Receiver*>(user);
    const auto bytes = static_cast<qsizetype>(size * count);
    if (receiver->answer.status >= 300) {
        receiver->answer.body.append(data, std::min(bytes, kRefusalBytes - receiver->answer.body.size()));
        return size * count;
    }
    if (receiver->answer.body.size() + bytes > receiver->limit) {
        receiver->tooLong = true;
        return 0;
    }
    receiver->answer.body.append(data, bytes);
    return size * count;
}

size_t onHeader(char* data, size_t size, size_t count, void* user)
{
    auto* receiver = static_cast<Receiver*>(user);
    const QByteArray line = QByteArray(data, static_cast<qsizetype>(size * count)).trimmed();
    if (line.startsWith("HTTP/")) {
        receiver->answer.headers.clear();  // of a 100 Continue before
        receiver->answer.status = line.split(' ').value(1).toInt();
    } else if (const qsizetype colon = line.indexOf(':'); colon > 0) {
        receiver->answer.headers.insert(line.first(colon).toLower(), line.mid(colon + 1).trimmed());
    }
    return size * count;
}

void globalInit()
{
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool changesSomething(const QByteArray& method)
{
    return method != "GET" && method != "HEAD";
}

}  // namespace

CurlTransport::CurlTransport(QString system, Timeouts timeouts)
    : m_system(std::move(system)), m_timeouts(timeouts)
{
    globalInit();
}

CurlTransport::~CurlTransport()
{
    for (void* handle : m_idle) {
        curl_easy_cleanup(handle);
    }
}

void* CurlTransport::take()
{
    const std::lock_guard lock(m_mutex);
    if (m_idle.empty()) {
        return curl_easy_init();
    }
    void* handle = m_idle.back();
    m_idle.pop_back();
    return handle;
}

void CurlTransport::giveBack(void* handle)
{
    curl_easy_reset(handle);
    const std::lock_guard lock(m_mutex);
    m_idle.push_back(handle);
}

Result<HttpAnswer> CurlTransport::send(const HttpRequest& request)
{
    CURL* curl = take();
    if (!curl) {
        return fail(describe(CURLE_OUT_OF_MEMORY, request, "", false));
    }
    Receiver receiver{.limit = request.maxAnswerBytes};
    std::array<char, CURL_ERROR_SIZE> detail{};
    QByteArray url = request.origin + request.path;
    if (!request.query.isEmpty()) {
        url += '?' + request.query;
    }
    curl_slist* headers = curl_slist_append(nullptr, "Expect:");
    bool typed = false;
    for (const auto& [name, value] : request.headers) {
        typed = typed || name.toLower() == "content-type";
        // libcurl drops a header without value unless it ends with a semicolon
        const QByteArray line = value.isEmpty() ? name + ';' : name + ": " + value;
        headers = curl_slist_append(headers, line.constData());
    }
    if (!typed) {
        headers = curl_slist_append(headers, "Content-Type:");
    }
    curl_easy_setopt(curl, CURLOPT_URL, url.constData());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_timeouts.connectMs));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(request.withinMs > 0 ? request.withinMs : m_timeouts.wholeMs));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(m_timeouts.stallSeconds));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
    if (request.method == "HEAD") {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
        static constexpr char kNothing[] = "";
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.isEmpty() ? kNothing : request.body.data());
    }
    if (request.method != "HEAD" && request.method != "GET") {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.constData());
    }

    const CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        curl_off_t connected = 0;
        curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected);
        const Error error = describe(receiver.tooLong ? CURLE_FILESIZE_EXCEEDED : code, request,
                                     detail.data(), connected > 0);
        curl_easy_cleanup(curl);
        return fail(error);
    }
    if (receiver.answer.status >= 400 && !request.body.isEmpty()) {
        curl_easy_cleanup(curl);
    } else {
        giveBack(curl);
    }
    return std::move(receiver.answer);
}

Error CurlTransport::describe(int curlCode, const HttpRequest& request, const char* detail, bool sent) const
{
    const auto code = static_cast<CURLcode>(curlCode);
    Error error{
        .code = ErrorCode::Unavailable,
        .message = QStringLiteral("The gateway %1 does not answer").arg(m_system),
        .cause = QString::fromUtf8(*detail ? detail : curl_easy_strerror(code)),
        .correction = QStringLiteral("See that the gateway at %1 runs and can be reached from here")
                          .arg(QString::fromUtf8(request.origin)),
        .retryable = true,
        .source = QStringLiteral("s3"),
        .upstream = Upstream{
            .system = m_system, .code = curlCode, .text = QString::fromUtf8(curl_easy_strerror(code))}};
    switch (code) {
        case CURLE_COULDNT_CONNECT:
        case CURLE_COULDNT_RESOLVE_HOST:
            return error;
        case CURLE_OPERATION_TIMEDOUT:
            error.code = ErrorCode::DeadlineExceeded;
            error.message = QStringLiteral("The gateway %1 did not answer in time").arg(m_system);
            error.cause =
                QStringLiteral(
                    "no byte came for %1 s; a gateway waits like this while its Ceph pool cannot be "
                    "written")
                    .arg(m_timeouts.stallSeconds);
            error.correction = QStringLiteral("Look at the health of the cluster behind the gateway");
            if (request.withinMs > 0) {
                error.cause = QStringLiteral("the answer took longer than %1 ms").arg(request.withinMs);
            }
            break;
        case CURLE_FILESIZE_EXCEEDED:
            error.code = ErrorCode::Internal;
            error.message =
                QStringLiteral("The answer of the gateway %1 is longer than asked for").arg(m_system);
            error.cause = QStringLiteral("more than %1 bytes").arg(request.maxAnswerBytes);
            error.retryable = false;
            return error;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            error.code = ErrorCode::Unauthenticated;
            error.message = QStringLiteral("The certificate of the gateway %1 is not trusted").arg(m_system);
            error.correction =
                QStringLiteral("Add the gateway's certificate authority to the trusted ones of this machine");
            error.retryable = false;
            return error;
        default:
            error.message = QStringLiteral("The connection to the gateway %1 broke").arg(m_system);
            break;
    }
    if (sent && changesSomething(request.method)) {
        error.code = ErrorCode::OutcomeUnknown;
        error.cause += QStringLiteral("; whether the request was carried out is not known");
        error.retryable = false;
    }
    return error;
}

}  // namespace sluice::s3
