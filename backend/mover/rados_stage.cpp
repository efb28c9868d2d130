#include "mover/rados_stage.h"

#include <QtCore/QRandomGenerator>
#include <algorithm>
#include <future>

#include "model/object_name.h"
#include "mover/rados_destination.h"
#include "mover/rados_publish.h"

namespace sluice::mover {
namespace {

const QString kWrite = QStringLiteral("write");
constexpr char kStagedInfix[] = ".sluice-staged.";
constexpr size_t kDigits = 16;
constexpr size_t kSuffixBytes = sizeof(kStagedInfix) - 1 + kDigits;
/// osd_max_object_name_len
constexpr qsizetype kLongestName = 2048;
constexpr std::chrono::seconds kRemoveWithin{5};

Error touched(const QString& object)
{
    return overwritten(
        object, QStringLiteral("it is a staged copy of this attempt, and somebody wrote or removed it"));
}

}  // namespace

quint64 OmapStart::bytes() const
{
    auto sum = static_cast<quint64>(header.size());
    for (auto at = page.pairs.begin(); at != page.pairs.end(); ++at) {
        sum += static_cast<quint64>(at.key().size() + at.value().size());
    }
    return sum;
}

Result<OmapStart> omapStart(SourceObject& source, ObjectContext& context)
{
    OmapStart start;
    if (!source.hasOmap()) {
        return start;
    }
    auto page = source.omapPage(QByteArray(), context);
    if (!page) {
        return fail(page.error());
    }
    auto header = source.omapHeader(context);
    if (!header) {
        return fail(header.error());
    }
    start.page = std::move(*page);
    start.header = std::move(*header);
    return start;
}

void addOmap(librados::ObjectWriteOperation& op, const Attributes& pairs)
{
    std::map<std::string, librados::bufferlist> values;
    for (auto at = pairs.begin(); at != pairs.end(); ++at) {
        values.emplace(at.key().toStdString(), listOf(at.value()));
    }
    if (!values.empty()) {
        op.omap_set(values);
    }
}

bool isStagedName(const std::string& oid)
{
    if (oid.size() <= kSuffixBytes ||
        oid.compare(oid.size() - kSuffixBytes, sizeof(kStagedInfix) - 1, kStagedInfix) != 0) {
        return false;
    }
    return std::all_of(oid.end() - kDigits, oid.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

QString stagedName(const QString& oid)
{
    const QString digits =
        QStringLiteral("%1").arg(QRandomGenerator::system()->generate64(), kDigits, 16, QLatin1Char('0'));
    QString begin = oid;
    while (begin.toUtf8().size() > kLongestName - static_cast<qsizetype>(kSuffixBytes)) {
        begin.chop(begin.back().isLowSurrogate() ? 2 : 1);
    }
    return begin + QLatin1String(kStagedInfix) + digits;
}

RadosStage::RadosStage(RadosPlace& place, RadosRoom& room, QString name, QString mark, SourceObject& source,
                       Existing existing, OmapStart omap, quint64 chunkBytes)
    : m_place(place),
      m_room(room),
      m_name(std::move(name)),
      m_staged(stagedName(place.prefix + m_name).mid(place.prefix.size())),
      m_mark(std::move(mark)),
      m_source(source),
      m_existing(std::move(existing)),
      m_omap(std::move(omap)),
      m_chunkBytes(chunkBytes)
{
}

RadosStage::~RadosStage()
{
    if (m_reserved) {
        m_room.giveBack(m_source.sizeBytes());
    }
}

QString RadosStage::id() const
{
    return m_place.text(m_staged);
}

QJsonObject RadosStage::claim() const
{
    return {{"connection", m_place.connection},
            {"cephPool", m_place.cephPool},
            {"object", model::nameOnWire(m_place.prefix + m_staged)},
            {"mark", m_mark}};
}

/// A name that is taken or locked is found before the first byte, not after the last.
Result<void> RadosStage::reserve(ObjectContext& context)
{
    if (const auto free = versionToReplace(m_place, m_name, m_existing, m_mark, context); !free) {
        return fail(free.error());
    }
    const StagingNeed need{.sizeBytes = m_source.sizeBytes(),
                           .replacedBytes = m_existing.sizeBytes,
                           .creates = !m_existing.exists};
    auto taken = m_room.take(m_place, m_name, need, context);
    m_reserved = taken.has_value();
    return taken;
}

/// Nobody else knows the name: whatever the guard of an operation finds was done on purpose.
Result<void> RadosStage::apply(const Build& build, quint64 bytes, ObjectContext& context)
{
    return persist(context, kWrite, [&]() -> Try<void> {
        const qint64 since = ObjectContext::nowUs();
        librados::ObjectWriteOperation op;
        if (m_version == 0) {
            op.create(true);
        } else {
            op.assert_version(m_version);
        }
        build(op);
        int code = 0;
        {
            const ObjectContext::Step step(context, kWrite, m_place.at(m_staged, bytes));
            code = m_place.execute(m_staged, op, &m_version);
        }
        if (code < 0) {
            context.refused();
            return guardFailed(code) ? hinder(touched(m_place.text(m_staged)))
                                     : hinder(m_place.hindrance(code, m_name, kWrite));
        }
        context.passed(Hop::Write, since);
        return {};
    });
}

Result<void> RadosStage::begin(const QByteArray& chunk, ObjectContext& context)
{
    const auto build = [&](librados::ObjectWriteOperation& op) {
        const Attributes attributes = m_source.attributes();
        for (auto at = attributes.begin(); at != attributes.end(); ++at) {
            op.setxattr(at.key().constData(), listOf(at.value()));
        }
        op.setxattr(kPartialAttribute, listOf(m_mark.toUtf8()));
        op.write_full(listOf(chunk));
        addOmap(op, m_omap.page.pairs);
        if (!m_omap.header.isEmpty()) {
            op.omap_set_header(listOf(m_omap.header));
        }
    };
    return apply(build, static_cast<quint64>(chunk.size()), context);
}

Result<void> RadosStage::append(quint64 offset, const QByteArray& chunk, ObjectContext& context)
{
    return apply([&](librados::ObjectWriteOperation& op) { op.write(offset, listOf(chunk)); },
                 static_cast<quint64>(chunk.size()), context);
}

Result<void> RadosStage::complete(quint32 crc, ObjectContext& context)
{
    while (!m_omap.page.last) {
        auto page = m_source.omapPage(m_omap.page.pairs.lastKey(), context);
        if (!page) {
            return fail(page.error());
        }
        m_omap.page = std::move(*page);
        const auto added =
            apply([&](librados::ObjectWriteOperation& op) { addOmap(op, m_omap.page.pairs); }, 0, context);
        if (!added) {
            return added;
        }
    }
    return verifyStored(m_place, m_staged, m_version, m_source.sizeBytes(), crc, context).map([](quint64) {});
}

/// A copy that is refused may have been so for either of its ends.
Result<void> RadosStage::checkUntouched(ObjectContext& context)
{
    return persist(context, kWrite, [&]() -> Try<void> {
        const auto state = readState(m_place, m_staged, context, kWrite);
        if (!state) {
            return hinder(state.error());
        }
        return state->exists && state->version == m_version ? Try<void>()
                                                            : hinder(touched(m_place.text(m_staged)));
    });
}

Result<Stored> RadosStage::publish(quint32 crc, ObjectContext& context)
{
    for (;;) {
        const auto over = versionToReplace(m_place, m_name, m_existing, m_mark, context);
        if (!over) {
            return fail(over.error());
        }
        const CopySource staged{.io = m_place.io(),
                                .oid = m_place.oid(m_staged),
                                .version = m_version,
                                .sizeBytes = m_source.sizeBytes(),
                                .left = {kPartialAttribute}};
        const auto version = copyIntoPlace(m_place, m_name, staged, *over, m_mark, context);
        if (version) {
            return verifyStored(m_place, m_name, *version, m_source.sizeBytes(), crc, context)
                .map([](quint64 verified) { return Stored{.version = verified, .etag = {}}; });
        }
        if (!isMoved(version.error())) {
            return fail(version.error());
        }
        if (const auto untouched = checkUntouched(context); !untouched) {
            return fail(untouched.error());
        }
        if (const auto waited = context.lookAgain(movedBlockage(m_place.at(m_name))); !waited) {
            return fail(waited.error());
        }
    }
}

/// An operation of librados waits as long as the OSDs do; the answer may come after this has gone on.
bool RadosStage::remove()
{
    using Answer = std::shared_ptr<std::promise<int>>;
    const Answer answered = std::make_shared<std::promise<int>>();
    std::future<int> answer = answered->get_future();
    auto* waiting = new Answer(answered);
    librados::AioCompletion* completion =
        librados::Rados::aio_create_completion(waiting, [](rados_completion_t done, void* argument) {
            const std::unique_ptr<Answer> ended(static_cast<Answer*>(argument));
            (*ended)->set_value(rados_aio_get_return_value(done));
        });
    librados::ObjectWriteOperation op;
    op.cmpxattr(kPartialAttribute, LIBRADOS_CMPXATTR_OP_EQ, listOf(m_mark.toUtf8()));
    op.remove();
    const std::shared_ptr<PoolIo> handle = m_place.io();
    const int sent =
        handle->io.aio_operate(m_place.oid(m_staged), completion, &op, librados::OPERATION_FULL_FORCE);
    completion->release();
    if (sent < 0) {
        delete waiting;
        return false;
    }
    if (answer.wait_for(kRemoveWithin) != std::future_status::ready) {
        return false;
    }
    // without the mark it is not what this attempt staged
    const int code = answer.get();
    return code == 0 || code == -ENOENT || code == -ENODATA || code == -ECANCELED;
}

}  // namespace sluice::mover
