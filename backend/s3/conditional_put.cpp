#include "s3/conditional_put.h"

namespace sluice::s3 {
namespace {

bool isRefusal(const Result<QString>& answer)
{
    return !answer && answer.error().code == ErrorCode::FailedPrecondition;
}

Error changedMeanwhile(Error refused)
{
    refused.retryable = true;
    return refused;
}

Error neverMatches(Error refused, const QString& bucket, const QString& why)
{
    refused.cause =
        QStringLiteral(
            "the gateway refuses the condition of the write with and without quotes around the ETag, "
            "although the object still has it; %1")
            .arg(why);
    refused.correction = QStringLiteral(
                             "Enable versioning on the bucket %1, remove the object first, or choose another "
                             "destination")
                             .arg(bucket);
    refused.retryable = false;
    return refused;
}

}  // namespace

QString toString(EtagStyle style)
{
    switch (style) {
        case EtagStyle::Quoted:
            return QStringLiteral("quoted");
        case EtagStyle::Plain:
            return QStringLiteral("plain");
        case EtagStyle::Unknown:
            break;
    }
    return {};
}

EtagStyle etagStyleFromString(const QString& text)
{
    for (const EtagStyle style : {EtagStyle::Quoted, EtagStyle::Plain}) {
        if (text == toString(style)) {
            return style;
        }
    }
    return EtagStyle::Unknown;
}

ConditionalPut::ConditionalPut(Client& client, EtagStyle style, std::function<void(EtagStyle)> learned)
    : m_client(client), m_style(style), m_learned(std::move(learned))
{
}

Result<QString> ConditionalPut::putAs(EtagStyle style, const QString& bucket, const QString& key,
                                      QByteArrayView body, const QString& etag, const ContentHeaders& content)
{
    const Condition condition{
        .kind = Condition::Kind::Etag, .etag = etag, .quoted = style != EtagStyle::Plain};
    auto answer =
        m_client.putObject(bucket, key, body, {.condition = condition, .metadata = {}, .content = content});
    if (answer && m_style.exchange(style) != style && m_learned) {
        m_learned(style);
    }
    return answer;
}

Result<bool> ConditionalPut::unchanged(const QString& bucket, const QString& key, const QString& etag)
{
    const auto head = m_client.headObject(bucket, key);
    if (!head && head.error().code != ErrorCode::NotFound) {
        return fail(head.error());
    }
    return head && head->etag == etag;
}

Result<QString> ConditionalPut::put(const QString& bucket, const QString& key, QByteArrayView body,
                                    const QString& etag, const ContentHeaders& content)
{
    const EtagStyle first = m_style == EtagStyle::Plain ? EtagStyle::Plain : EtagStyle::Quoted;
    const EtagStyle second = first == EtagStyle::Plain ? EtagStyle::Quoted : EtagStyle::Plain;
    Error refused;
    for (const EtagStyle style : {first, second}) {
        auto answer = putAs(style, bucket, key, body, etag, content);
        if (!isRefusal(answer)) {
            return answer;
        }
        const auto same = unchanged(bucket, key, etag);
        if (!same) {
            return fail(same.error());
        }
        if (!*same) {
            return fail(changedMeanwhile(answer.error()));
        }
        refused = answer.error();
    }
    return putKeepingVersions(bucket, key, body, content, refused);
}

/// RGW looks for the ETag at the version that the write is going to make. With versions nothing is lost by a
/// write without condition: what was there stays as an older version.
Result<QString> ConditionalPut::putKeepingVersions(const QString& bucket, const QString& key,
                                                   QByteArrayView body, const ContentHeaders& content,
                                                   const Error& refused)
{
    const auto versioning = m_client.bucketVersioning(bucket);
    if (!versioning) {
        return fail(neverMatches(
            refused, bucket,
            QStringLiteral("whether the bucket keeps versions is not known: ") + versioning.error().cause));
    }
    if (*versioning != QLatin1String("Enabled")) {
        return fail(neverMatches(refused, bucket,
                                 versioning->isEmpty()
                                     ? QStringLiteral("the bucket keeps no versions")
                                     : QStringLiteral("its versioning is %1").arg(*versioning)));
    }
    return m_client.putObject(bucket, key, body, {.condition = {}, .metadata = {}, .content = content});
}

}  // namespace sluice::s3
