#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <algorithm>

#include "core/utf8.h"
#include "mover/rados_source.h"
#include "mover/rados_stage.h"

namespace sluice::mover {
namespace {

const QString kList = QStringLiteral("list");
constexpr size_t kListed = 1000;

/// Whether the Ceph pool has, or ever had, snapshots.
bool hasSnapshots(const RadosPlace& place)
{
    const std::shared_ptr<PoolIo> handle = place.io();
    librados::bufferlist out;
    const std::string command = R"({"prefix":"osd pool ls","detail":"detail","format":"json"})";
    if (handle->rados->mon_command(command, {}, &out, nullptr) < 0) {
        return true;  // not known: each object is asked
    }
    for (const QJsonValue pool : QJsonDocument::fromJson(bytesOf(out)).array()) {
        if (pool["pool_name"].toString() == place.cephPool) {
            return pool["snap_seq"].toInteger() > 0;
        }
    }
    return false;
}

Error placedByKey(const QString& object, const QString& locator)
{
    return Error{
        .code = ErrorCode::InvalidArgument,
        .message = QStringLiteral("The source '%1' has a locator key").arg(object),
        .cause = QStringLiteral(
                     "it is placed by the key '%1' instead of its name, and under its name alone nobody "
                     "finds it")
                     .arg(locator),
        .correction =
            QStringLiteral("Copy it by hand (rados --object-locator KEY get), or choose a source without "
                           "it"),
        .source = QStringLiteral("mover")};
}

}  // namespace

RadosSource::RadosSource(RadosPlace place, Options options) : m_place(std::move(place)), m_options(options) {}

struct RadosSource::Page {
    std::shared_ptr<PoolIo> handle{};
    librados::IoCtx io{};
    librados::ObjectCursor cursor{};
    bool allNamespaces{true};
};

std::optional<ListedObject> RadosSource::listedOf(const librados::ObjectItem& item, ObjectContext& context)
{
    const std::string prefix = m_place.prefix.toStdString();
    if (!item.oid.starts_with(prefix)) {
        return std::nullopt;
    }
    const QByteArrayView all(item.oid.data(), static_cast<qsizetype>(item.oid.size()));
    const QByteArrayView bytes = all.sliced(static_cast<qsizetype>(prefix.size()));
    if (!item.nspace.empty()) {
        ++m_elsewhere;
        context.leftOut(QStringLiteral("namespaces"), 1, textOf(item.nspace) + ':' + textOf(item.oid));
        return std::nullopt;
    }
    if (const auto name = nameFromBytes(bytes); name && !name->isEmpty()) {
        return ListedObject{.name = *name, .locator = textOf(item.locator)};
    }
    Error bad{
        .code = ErrorCode::InvalidArgument,
        .message =
            QStringLiteral("The name of the object '%1' is not UTF-8").arg(m_place.text(shownBytes(bytes))),
        .cause = QStringLiteral("its bytes are %1").arg(shownBytes(bytes)),
        .correction = QStringLiteral("Move it by hand, or choose a folder without it"),
        .source = QStringLiteral("mover")};
    if (bytes.isEmpty()) {
        bad.message =
            QStringLiteral("The object '%1' has the name of the folder itself").arg(m_place.text({}));
        bad.cause = QStringLiteral("nothing of its name is left at the destination");
    }
    return ListedObject{.name = bytes.isEmpty() ? m_place.prefix : shownBytes(bytes), .bad = bad};
}

Try<QList<ListedObject>> RadosSource::page(Page& at, ObjectContext& context)
{
    std::vector<librados::ObjectItem> items;
    librados::ObjectCursor next;
    int code = 0;
    {
        const ObjectContext::Step step(context, kList, m_place.at(QString()));
        at.io.set_namespace(at.allNamespaces ? LIBRADOS_ALL_NSPACES : "");
        code =
            m_place.told(at.io.object_list(at.cursor, at.io.object_list_end(), kListed, {}, &items, &next));
        if ((code == -EPERM || code == -EACCES) && at.allNamespaces) {
            // a key for one namespace may not even look at the others
            at.allNamespaces = false;
            at.io.set_namespace("");
            code = m_place.told(
                at.io.object_list(at.cursor, at.io.object_list_end(), kListed, {}, &items, &next));
        }
    }
    if (code < 0) {
        Hindrance hindrance = m_place.hindrance(code, QString(), kList);
        if (const Error* error = std::get_if<Error>(&hindrance);
            error && code != -ENOENT && code != kCephPoolGone && code != -ESHUTDOWN) {
            return hinder(Blockage{.what = Obstacle::Unreadable,
                                   .connection = m_place.connection,
                                   .cephPool = m_place.cephPool,
                                   .object = {},
                                   .op = kList,
                                   .error = *error});
        }
        return hinder(hindrance);
    }
    QList<ListedObject> objects;
    for (const librados::ObjectItem& item : items) {
        if (auto listed = listedOf(item, context)) {
            objects.append(std::move(*listed));
        }
    }
    at.cursor = next;
    return objects;
}

namespace {

/// What is asked of each listed object, many at once.
struct Asked {
    librados::AioCompletion* completion{nullptr};
    librados::AioCompletion* snapshotsRead{nullptr};
    uint64_t size{0};
    timespec changed{};
    RawAttributes raw{};
    std::set<std::string> keys{};
    bool more{false};
    librados::bufferlist header{};
    librados::snap_set_t snapshots{};
    int snapshotsCode{0};
};

/// Waits for it and lets it go. @return its code; an operation that was not begun has none
std::optional<int> await(librados::AioCompletion* completion)
{
    if (!completion) {
        return std::nullopt;
    }
    completion->wait_for_complete();
    const int code = completion->get_return_value();
    completion->release();
    return code;
}

librados::AioCompletion* begin(librados::IoCtx& io, const std::string& oid, librados::ObjectReadOperation& op)
{
    librados::AioCompletion* completion = librados::Rados::aio_create_completion();
    if (io.aio_operate(oid, completion, &op, nullptr) == 0) {
        return completion;
    }
    completion->release();
    return nullptr;
}

}  // namespace

/// Sizes, versions and times, and what the move will leave out.
void RadosSource::measure(QList<ListedObject>& objects, ObjectContext& context)
{
    constexpr qsizetype kAtOnce = 64;
    const std::shared_ptr<PoolIo> handle = m_place.io();
    librados::IoCtx snapIo;
    snapIo.dup(handle->io);
    snapIo.snap_set_read(LIBRADOS_SNAP_DIR);
    const bool attributes = m_options.tells && !m_options.carriesAttributes;
    for (qsizetype first = 0; first < objects.size(); first += kAtOnce) {
        const qsizetype end = std::min(objects.size(), first + kAtOnce);
        std::vector<Asked> asked(static_cast<size_t>(end - first));
        const ObjectContext::Step step(context, kList, m_place.at(objects[first].name));
        for (qsizetype i = first; i < end; ++i) {
            if (objects[i].bad) {
                continue;
            }
            Asked& one = asked[static_cast<size_t>(i - first)];
            librados::ObjectReadOperation stat;
            stat.stat2(&one.size, &one.changed, nullptr);
            if (attributes) {
                stat.getxattrs(&one.raw, nullptr);
                stat.omap_get_keys2("", 1, &one.keys, &one.more, nullptr);
                stat.omap_get_header(&one.header, nullptr);
            }
            one.completion = begin(handle->io, m_place.oid(objects[i].name), stat);
            if (m_snapshots) {
                librados::ObjectReadOperation list;
                list.list_snaps(&one.snapshots, &one.snapshotsCode);
                one.snapshotsRead = begin(snapIo, m_place.oid(objects[i].name), list);
            }
        }
        for (qsizetype i = first; i < end; ++i) {
            Asked& one = asked[static_cast<size_t>(i - first)];
            const QString name = m_place.prefix + objects[i].name;
            const quint64 version = one.completion && one.completion->wait_for_complete() == 0
                                        ? one.completion->get_version64()
                                        : 0;
            // a failure shows again, and is dealt with, when the object is opened
            const bool answered = await(one.completion) == 0;
            const bool told = await(one.snapshotsRead) == 0 && one.snapshotsCode == 0;
            if (answered) {
                objects[i].sizeBytes = one.size;
                objects[i].version = version;
                objects[i].changedAtMs = one.changed.tv_sec * 1000 + one.changed.tv_nsec / 1'000'000;
                if (attributes && !userAttributes(one.raw).isEmpty()) {
                    context.leftOut(QStringLiteral("xattrs"), 1, name);
                }
                if (attributes && (!one.keys.empty() || one.header.length() > 0)) {
                    context.leftOut(QStringLiteral("omap"), 1, name);
                }
            }
            const auto isSnapshot = [](const librados::clone_info_t& clone) {
                return clone.cloneid != librados::SNAP_HEAD;
            };
            if (answered && told &&
                std::any_of(one.snapshots.clones.begin(), one.snapshots.clones.end(), isSnapshot)) {
                context.leftOut(QStringLiteral("snapshots"), 1, name);
            }
        }
    }
}

/// What has a name and is no object of its own: a copy that an attempt stages, and what only snapshots still
/// have.
void RadosSource::leaveOutNoObjects(QList<ListedObject>& objects, ObjectContext& context)
{
    objects.removeIf([&](const ListedObject& object) {
        if (object.bad) {
            return false;
        }
        if (isStagedName(m_place.oid(object.name))) {
            auto state =
                persist(context, kList, [&] { return readState(m_place, object.name, context, kList); });
            return state && !markOf(state->raw).isEmpty();
        }
        if (object.version != 0 || !object.locator.isEmpty() || !onlySnapshotsHave(m_place, object.name)) {
            return false;
        }
        if (m_options.tells) {
            context.leftOut(QStringLiteral("snapshots"), 1, m_place.prefix + object.name);
        }
        return true;
    });
}

Result<void> RadosSource::list(const Sink& sink, ObjectContext& context)
{
    Page at{.handle = m_place.io()};
    at.io.dup(at.handle->io);
    at.cursor = at.io.object_list_begin();
    m_snapshots = m_options.tells && hasSnapshots(m_place);
    m_elsewhere = 0;
    while (!at.io.object_list_is_end(at.cursor)) {
        auto objects = persist(context, kList, [&] { return page(at, context); });
        if (!objects) {
            return fail(objects.error());
        }
        measure(*objects, context);
        leaveOutNoObjects(*objects, context);
        if (!objects->isEmpty() && !sink(std::move(*objects))) {
            return {};
        }
    }
    return {};
}

Result<std::optional<ListedObject>> RadosSource::find(const QString& name, ObjectContext& context)
{
    auto state = persist(context, kList, [&]() -> Try<RadosState> {
        auto found = readState(m_place, name, context, kList);
        // a key for what lies in the folder may not look beside it
        return found || !isPermission(found.error()) ? std::move(found) : RadosState();
    });
    if (!state) {
        return fail(state.error());
    }
    if (!state->exists) {
        return std::optional<ListedObject>();
    }
    QList<ListedObject> one{{.name = name, .sizeBytes = state->sizeBytes, .version = state->version}};
    m_snapshots = m_options.tells && hasSnapshots(m_place);
    measure(one, context);
    leaveOutNoObjects(one, context);
    return one.isEmpty() ? std::optional<ListedObject>() : std::optional(one.first());
}

QString RadosSource::whyEmpty() const
{
    const qint64 elsewhere = m_elsewhere;
    return elsewhere == 0 ? QString()
                          : QStringLiteral("0 objects in the default namespace, the pool holds %1 in others")
                                .arg(elsewhere);
}

Result<std::unique_ptr<SourceObject>> RadosSource::open(const ListedObject& listed, ObjectContext& context)
{
    if (!listed.locator.isEmpty()) {
        return fail(placedByKey(m_place.text(listed.name), listed.locator));
    }
    auto object = std::make_unique<RadosSourceObject>(m_place, listed.name);
    if (const auto opened = object->open(listed, m_options.fetch, context); !opened) {
        return fail(opened.error());
    }
    return std::unique_ptr<SourceObject>(std::move(object));
}

}  // namespace sluice::mover
