#include <QtTest/QtTest>

#include "patience.h"
#include "s3/digest.h"
#include "s3/signer.h"
#include "s3/uri.h"

using namespace sluice::s3;

namespace {

const QByteArray kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const QByteArray kUnreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

SigningInput suiteInput(const QByteArray& method)
{
    return {.method = method,
            .path = "/",
            .headers = Headers{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
            .payloadHash = kEmptyHash,
            .timestamp = "20150830T123600Z",
            .region = "us-east-1",
            .service = "service"};
}

const Credentials kSuiteKey{.accessKey = "AKIDEXAMPLE",
                            .secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

SigningInput s3Input(const QByteArray& method, const QByteArray& path)
{
    return {.method = method,
            .path = path,
            .headers = Headers{{"host", "examplebucket.s3.amazonaws.com"},
                               {"x-amz-content-sha256", kEmptyHash},
                               {"x-amz-date", "20130524T000000Z"}},
            .payloadHash = kEmptyHash,
            .timestamp = "20130524T000000Z",
            .region = "us-east-1"};
}

const Credentials kS3Key{.accessKey = "AKIAIOSFODNN7EXAMPLE",
                         .secretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};

QByteArray signatureOf(const QByteArray& authorization)
{
    return authorization.mid(authorization.indexOf("Signature=") + 10);
}

}  // namespace

class TestS3Signer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishedSuite_data();
    void publishedSuite();
    void stagesOfTheSuite();
    void publishedS3Examples_data();
    void publishedS3Examples();
    void pathIsNeverNormalised();
    void oddNames_data();
    void oddNames();
    void queriesAreSortedAsTheyAreEncoded();
    void digests();
};

/// The signatures of the public "AWS Signature Version 4 test suite".
void TestS3Signer::publishedSuite_data()
{
    QTest::addColumn<SigningInput>("input");
    QTest::addColumn<QByteArray>("signature");
    const auto row = [](const char* name, SigningInput input, const char* signature) {
        QTest::newRow(name) << std::move(input) << QByteArray(signature);
    };
    const auto withHeaders = [](const QByteArray& method, const Headers& more) {
        SigningInput input = suiteInput(method);
        input.headers += more;
        return input;
    };
    const auto withQuery = [](const QByteArray& method, const Query& query) {
        SigningInput input = suiteInput(method);
        input.query = query;
        return input;
    };
    const auto withPath = [](const QByteArray& path) {
        SigningInput input = suiteInput("GET");
        input.path = percentEncode(path, true);
        return input;
    };
    const auto withForm = [](const Headers& more) {
        SigningInput input = suiteInput("POST");
        input.headers += more;
        input.payloadHash = sha256(QByteArray("Param1=value1")).toHex();
        return input;
    };
    row("get-vanilla", suiteInput("GET"), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    row("get-vanilla-query", withQuery("GET", {}),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    row("get-header-key-duplicate",
        withHeaders("GET",
                    Headers{{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}),
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea");
    row("get-header-value-order",
        withHeaders("GET", Headers{{"My-Header1", "value4"},
                                   {"My-Header1", "value1"},
                                   {"My-Header1", "value3"},
                                   {"My-Header1", "value2"}}),
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01");
    row("get-header-value-trim",
        withHeaders("GET", Headers{{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    row("get-unreserved", withPath('/' + kUnreserved),
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
    row("get-utf8", withPath("/\xE1\x88\xB4"),
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    row("get-space", withPath("/example space/"),
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
    row("get-vanilla-empty-query-key", withQuery("GET", Query{{"Param1", "value1"}}),
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
    row("get-vanilla-query-order-key", withQuery("GET", Query{{"Param1", "value2"}, {"Param1", "Value1"}}),
        "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1");
    row("get-vanilla-query-order-key-case",
        withQuery("GET", Query{{"Param2", "value2"}, {"Param1", "value1"}}),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    row("get-vanilla-query-order-value", withQuery("GET", Query{{"Param1", "value2"}, {"Param1", "value1"}}),
        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694");
    row("get-vanilla-query-unreserved", withQuery("GET", Query{{kUnreserved, kUnreserved}}),
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197");
    row("get-vanilla-utf8-query", withQuery("GET", Query{{"\xE1\x88\xB4", "bar"}}),
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
    row("post-vanilla", suiteInput("POST"),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    row("post-vanilla-query", withQuery("POST", Query{{"Param1", "value1"}}),
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11");
    row("post-header-key-sort", withHeaders("POST", Headers{{"My-Header1", "value1"}}),
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c");
    row("post-header-value-case", withHeaders("POST", Headers{{"My-Header1", "VALUE1"}}),
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d");
    row("post-x-www-form-urlencoded",
        withForm(Headers{{"Content-Type", "application/x-www-form-urlencoded"}}),
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
    row("post-x-www-form-urlencoded-parameters",
        withForm(Headers{{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}}),
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe");
    row("post-sts-header-before",
        withHeaders(
            "POST",
            Headers{
                {"X-Amz-Security-Token",
                 "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxf"
                 "pSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPk"
                 "yQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBA"
                 "z+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="}}),
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead");
}

void TestS3Signer::publishedSuite()
{
    QFETCH(SigningInput, input);
    QFETCH(QByteArray, signature);
    QCOMPARE(signatureOf(authorization(input, kSuiteKey)), signature);
}

void TestS3Signer::stagesOfTheSuite()
{
    const SigningInput input = suiteInput("GET");
    QCOMPARE(canonicalRequest(input),
             "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
             "host;x-amz-date\n" +
                 kEmptyHash);
    QCOMPARE(stringToSign(input),
             QByteArray("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n"
                        "bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63"));
    QCOMPARE(authorization(input, kSuiteKey),
             QByteArray("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                        "SignedHeaders=host;x-amz-date, "
                        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
}

/// The worked examples of the Amazon S3 API reference.
void TestS3Signer::publishedS3Examples_data()
{
    QTest::addColumn<SigningInput>("input");
    QTest::addColumn<QByteArray>("signature");
    SigningInput get = s3Input("GET", "/test.txt");
    get.headers.emplaceBack("range", "bytes=0-9");
    QTest::newRow("get object with range")
        << get << QByteArray("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    SigningInput put = s3Input("PUT", percentEncode("/test$file.text", true));
    put.payloadHash = sha256(QByteArray("Welcome to Amazon S3.")).toHex();
    put.headers[1].second = put.payloadHash;
    put.headers.emplaceBack("date", "Fri, 24 May 2013 00:00:00 GMT");
    put.headers.emplaceBack("x-amz-storage-class", "REDUCED_REDUNDANCY");
    QTest::newRow("put object") << put
                                << QByteArray(
                                       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    SigningInput lifecycle = s3Input("GET", "/");
    lifecycle.query.emplaceBack("lifecycle", "");
    QTest::newRow("query without value")
        << lifecycle << QByteArray("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    SigningInput list = s3Input("GET", "/");
    list.query = Query{{"max-keys", "2"}, {"prefix", "J"}};
    QTest::newRow("list objects") << list
                                  << QByteArray(
                                         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

void TestS3Signer::publishedS3Examples()
{
    QFETCH(SigningInput, input);
    QFETCH(QByteArray, signature);
    QCOMPARE(signatureOf(authorization(input, kS3Key)), signature);
}

void TestS3Signer::pathIsNeverNormalised()
{
    SigningInput input = s3Input("GET", "/bucket//a/../b/./c/");
    QVERIFY(canonicalRequest(input).startsWith("GET\n/bucket//a/../b/./c/\n"));
}

void TestS3Signer::oddNames_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("space") << QByteArray("a b") << QByteArray("a%20b");
    QTest::newRow("plus") << QByteArray("a+b") << QByteArray("a%2Bb");
    QTest::newRow("percent") << QByteArray("100%25") << QByteArray("100%2525");
    QTest::newRow("slashes") << QByteArray("/a//b/") << QByteArray("/a//b/");
    QTest::newRow("reserved") << QByteArray("!*'();:@&=$,?#[]")
                              << QByteArray("%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D");
    QTest::newRow("unicode") << QByteArray("Ł😀") << QByteArray("%C5%81%F0%9F%98%80");
    QTest::newRow("tilde") << QByteArray("~._-") << QByteArray("~._-");
    QTest::newRow("control") << QByteArray("a\nb\x01") << QByteArray("a%0Ab%01");
}

void TestS3Signer::oddNames()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, path);
    QCOMPARE(percentEncode(name, true), path);
    QCOMPARE(percentDecode(path), name);
    // in a query the slash is encoded too, and what is encoded sorts as encoded
    QCOMPARE(canonicalQuery(Query{{"prefix", name}}), "prefix=" + percentEncode(name));
    QVERIFY(!percentEncode(name).contains('/'));
}

void TestS3Signer::queriesAreSortedAsTheyAreEncoded()
{
    // 'é' stands behind 'z', and "%C3%A9" before it.
    QCOMPARE(canonicalQuery(Query{{"z", "2"}, {"\xC3\xA9", "1"}}), QByteArray("%C3%A9=1&z=2"));
    QCOMPARE(canonicalQuery(Query{{"k", "z"}, {"k", "\xC3\xA9"}}), QByteArray("k=%C3%A9&k=z"));
    QCOMPARE(canonicalQuery(Query{{"max-keys", "2"}, {"list-type", "2"}, {"prefix", ""}}),
             QByteArray("list-type=2&max-keys=2&prefix="));
}

void TestS3Signer::digests()
{
    QCOMPARE(md5(QByteArray("abc")).toHex(), QByteArray("900150983cd24fb0d6963f7d28e17f72"));
    QCOMPARE(sha256(QByteArray("abc")).toHex(),
             QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    // RFC 4231, test case 2
    QCOMPARE(hmacSha256(QByteArray("Jefe"), QByteArray("what do ya want for nothing?")).toHex(),
             QByteArray("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    Md5 inPieces;
    inPieces.add(QByteArray("a"));
    inPieces.add(QByteArray("bc"));
    QCOMPARE(inPieces.result(), md5(QByteArray("abc")));
}

QTEST_GUILESS_MAIN(TestS3Signer)
#include "tst_s3_signer.moc"
