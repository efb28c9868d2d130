#include "core/error.h"

#include <array>
#include <utility>

#include "core/redact.h"

namespace sluice {
namespace {

constexpr std::array<std::pair<ErrorCode, const char*>, 14> kNames{{
    {ErrorCode::Cancelled, "Cancelled"},
    {ErrorCode::InvalidArgument, "InvalidArgument"},
    {ErrorCode::DeadlineExceeded, "DeadlineExceeded"},
    {ErrorCode::NotFound, "NotFound"},
    {ErrorCode::AlreadyExists, "AlreadyExists"},
    {ErrorCode::PermissionDenied, "PermissionDenied"},
    {ErrorCode::ResourceExhausted, "ResourceExhausted"},
    {ErrorCode::FailedPrecondition, "FailedPrecondition"},
    {ErrorCode::Aborted, "Aborted"},
    {ErrorCode::Unavailable, "Unavailable"},
    {ErrorCode::Unauthenticated, "Unauthenticated"},
    {ErrorCode::DataLoss, "DataLoss"},
    {ErrorCode::Internal, "Internal"},
    {ErrorCode::OutcomeUnknown, "OutcomeUnknown"},
}};

}  // namespace

QString toString(ErrorCode code)
{
    for (const auto& [value, name] : kNames) {
        if (value == code) {
            return QString::fromLatin1(name);
        }
    }
    return QStringLiteral("Internal");
}

ErrorCode errorCodeFromString(const QString& name)
{
    for (const auto& [value, text] : kNames) {
        if (name == QLatin1String(text)) {
            return value;
        }
    }
    return ErrorCode::Internal;
}

QJsonObject Error::toJson() const
{
    QJsonObject json{{"code", toString(code)},     {"message", redactText(message)},
                     {"cause", redactText(cause)}, {"correction", redactText(correction)},
                     {"retryable", retryable},     {"source", source}};
    if (upstream) {
        json["upstream"] = QJsonObject{
            {"system", upstream->system}, {"code", upstream->code}, {"text", redactText(upstream->text)}};
    }
    return json;
}

Error Error::fromJson(const QJsonObject& json)
{
    Error error{.code = errorCodeFromString(json["code"].toString()),
                .message = json["message"].toString(),
                .cause = json["cause"].toString(),
                .correction = json["correction"].toString(),
                .retryable = json["retryable"].toBool(),
                .source = json["source"].toString()};
    if (json.contains("upstream")) {
        const QJsonObject up = json["upstream"].toObject();
        error.upstream = Upstream{up["system"].toString(), up["code"].toInt(), up["text"].toString()};
    }
    return error;
}

QString Error::toLine() const
{
    QString line = redactText(message);
    if (!cause.isEmpty()) {
        line += QStringLiteral(": ") + redactText(cause);
    }
    if (!correction.isEmpty()) {
        line += (line.endsWith('.') ? QStringLiteral(" ") : QStringLiteral(". ")) + redactText(correction);
    }
    if (upstream) {
        const QString words =
            QStringLiteral("%1 %2 %3")
                .arg(upstream->system, QString::number(upstream->code), redactText(upstream->text));
        line += QStringLiteral(" [%1]").arg(words.trimmed());
    }
    return line;
}

}  // namespace sluice
