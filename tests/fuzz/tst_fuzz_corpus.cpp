#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>

#include "fuzz_targets.h"
#include "patience.h"

using namespace sluice::fuzz;

namespace {

constexpr int kBlocks = 8;  // rows per target: a crash names its block, and a block is repeated exactly
constexpr int kInputsPerBlock = 5000;
constexpr int kSlowInputsPerBlock = 300;
constexpr qsizetype kMaxInput = 4096;

/// YAML is parsed slowly, and a cluster's answer goes through many functions.
int inputsPerBlock(const NamedTarget& target)
{
    const bool slow = target.run == flowFile || target.run == configFile || target.run == cephJson;
    return slow ? kSlowInputsPerBlock : kInputsPerBlock;
}

QList<QByteArray> corpusOf(const QString& name)
{
    const QDir dir(QStringLiteral(SLUICE_SOURCE_DIR "/tests/fuzz/corpus/") + name);
    QList<QByteArray> out;
    const QStringList files = dir.entryList(QDir::Files, QDir::Name);
    for (const QString& file : files) {
        QFile in(dir.filePath(file));
        if (in.open(QIODevice::ReadOnly)) {
            out.append(in.readAll());
        }
    }
    return out;
}

/// Bytes that mean something in one of the formats.
const QList<QByteArray> kTokens{"{",
                                "}",
                                "[",
                                "]",
                                "\"",
                                "\\u0000",
                                "\\",
                                ":",
                                ",",
                                "null",
                                "-",
                                "1e999",
                                "9223372036854775808",
                                "0.5",
                                "\xff\xff\xff\xff",
                                QByteArray("\0\0\0\0", 4),
                                QByteArray("\x00\x00\x00\x01", 4),
                                "\x7f\xff\xff\xff",
                                "\x9f",
                                "\xbf",
                                "\xff",
                                "\xf6",
                                "\xfb",
                                "\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
                                "\xa1\x61\x61",
                                "\n",
                                "  ",
                                "- ",
                                "&a ",
                                "*a",
                                "!!binary ",
                                "<<: ",
                                "? ",
                                "#",
                                "needs: ",
                                "\t",
                                "%YAML 1.2\n",
                                "---\n",
                                "\xef\xbb\xbf",
                                "\xed\xa0\x80",
                                "requestId",
                                "params"};

QByteArray mutated(QByteArray input, const QList<QByteArray>& corpus, QRandomGenerator& random)
{
    const int changes = random.bounded(1, 6);
    for (int i = 0; i < changes; ++i) {
        const int size = static_cast<int>(input.size());
        const int at = random.bounded(size + 1);
        const int length = random.bounded(1, 17);
        switch (random.bounded(8)) {
            case 0:
                if (at < size) {
                    input[at] = static_cast<char>(input[at] ^ (1 << random.bounded(8)));
                }
                break;
            case 1:
                if (at < size) {
                    input[at] = static_cast<char>(random.bounded(256));
                }
                break;
            case 2:
                input.remove(at, length);
                break;
            case 3:
                input.insert(at, kTokens.at(random.bounded(kTokens.size())));
                break;
            case 4:
                input.insert(at, input.mid(random.bounded(size + 1), length));
                break;
            case 5:
                input.truncate(at);
                break;
            case 6: {
                const QByteArray& other = corpus.at(random.bounded(corpus.size()));
                input = input.left(at) + other.mid(random.bounded(static_cast<int>(other.size()) + 1));
                break;
            }
            default:
                input.insert(
                    at, QByteArray(random.bounded(1, 200), kTokens.at(random.bounded(kTokens.size())).at(0)));
        }
    }
    return input.left(kMaxInput);
}

}  // namespace

/// The fuzz targets without a fuzzer: the corpus, then inputs changed from it, the same ones every time.
class TestFuzzCorpus : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void corpus_data();
    void corpus();
    void mutations_data();
    void mutations();
};

void TestFuzzCorpus::corpus_data()
{
    QTest::addColumn<int>("index");
    for (size_t i = 0; i < kTargets.size(); ++i) {
        QTest::newRow(kTargets.at(i).name) << static_cast<int>(i);
    }
}

void TestFuzzCorpus::corpus()
{
    QFETCH(int, index);
    const NamedTarget& named = kTargets.at(static_cast<size_t>(index));
    const QList<QByteArray> inputs = corpusOf(named.name);
    QVERIFY(inputs.size() >= 3);
    for (const QByteArray& input : inputs) {
        named.run(input);
        for (qsizetype length = 0; length < std::min<qsizetype>(input.size(), 300); ++length) {
            named.run(input.left(length));
        }
    }
}

void TestFuzzCorpus::mutations_data()
{
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("block");
    for (size_t i = 0; i < kTargets.size(); ++i) {
        for (int block = 0; block < kBlocks; ++block) {
            QTest::addRow("%s %d", kTargets.at(i).name, block) << static_cast<int>(i) << block;
        }
    }
}

void TestFuzzCorpus::mutations()
{
    QFETCH(int, index);
    QFETCH(int, block);
    const NamedTarget& named = kTargets.at(static_cast<size_t>(index));
    const QList<QByteArray> inputs = corpusOf(named.name);
    QRandomGenerator random(static_cast<quint32>(1000 * index + block));
    for (int i = 0; i < inputsPerBlock(named); ++i) {
        named.run(mutated(inputs.at(random.bounded(inputs.size())), inputs, random));
    }
}

QTEST_GUILESS_MAIN(TestFuzzCorpus)
#include "tst_fuzz_corpus.moc"
