#include "mover/rados_publish.h"

namespace sluice::mover {
namespace {

const QString kWrite = QStringLiteral("write");

/// Input of rgw.obj_check_mtime: fails unless the time of the last change is 0, which that of no object is.
/// Encoded as Ceph does: version 2, compatible with 1, length, a time of two 32 bit numbers, comparison
/// "equal", in nanoseconds.
librados::bufferlist changedNever()
{
    constexpr char kRequest[] = {2, 1, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return listOf(QByteArrayView(kRequest, sizeof(kRequest)));
}

void addCopy(librados::ObjectWriteOperation& op, const CopySource& source)
{
    op.copy_from(source.oid, source.io->io, source.version, 0);
    for (const std::string& attribute : source.left) {
        op.rmxattr(attribute.c_str());
    }
}

class Copy {
public:
    Copy(RadosPlace& place, const QString& name, const CopySource& source, QString mark,
         ObjectContext& context)
        : m_place(place), m_name(name), m_source(source), m_mark(std::move(mark)), m_context(context)
    {
    }

    Result<quint64> over(quint64 version)
    {
        return persist(m_context, kWrite, [&] {
            librados::ObjectWriteOperation op;
            op.assert_version(version);
            addCopy(op, m_source);
            return judged(execute(op, m_source.sizeBytes));
        });
    }

    Result<quint64> toNewName()
    {
        bool refused = false;
        const auto copied = persist(m_context, kWrite, [&]() -> Try<quint64> {
            librados::ObjectWriteOperation op;
            librados::bufferlist guard = changedNever();
            op.exec("rgw", "obj_check_mtime", guard);
            addCopy(op, m_source);
            const int code = execute(op, m_source.sizeBytes);
            refused = code == -EPERM || code == -EACCES || code == -EOPNOTSUPP;
            return refused ? Try<quint64>(0) : judged(code);
        });
        return refused ? afterCreating() : copied;
    }

private:
    Result<quint64> afterCreating()
    {
        const auto created = persist(m_context, kWrite, [&] {
            librados::ObjectWriteOperation op;
            op.create(true);
            op.setxattr(kPartialAttribute, listOf(m_mark.toUtf8()));
            return judged(execute(op, 0));
        });
        if (!created) {
            return fail(created.error());
        }
        auto copied = over(*created);
        if (!copied && !isMoved(copied.error())) {
            librados::ObjectWriteOperation op;
            op.assert_version(*created);
            op.remove();
            static_cast<void>(execute(op, 0));
        }
        return copied;
    }

    int execute(librados::ObjectWriteOperation& op, quint64 bytes)
    {
        const qint64 since = ObjectContext::nowUs();
        const ObjectContext::Step step(m_context, kWrite, m_place.at(m_name, bytes));
        const int code = m_place.execute(m_name, op, &m_version);
        if (code >= 0) {
            m_context.passed(Hop::Write, since);
        }
        return code;
    }

    Try<quint64> judged(int code)
    {
        if (code >= 0) {
            return m_version;
        }
        m_context.refused();
        return guardFailed(code) ? hinder(moved(m_place.text(m_name)))
                                 : hinder(m_place.hindrance(code, m_name, kWrite));
    }

    RadosPlace& m_place;
    const QString& m_name;
    const CopySource& m_source;
    QString m_mark;
    ObjectContext& m_context;
    quint64 m_version{0};
};

}  // namespace

Result<quint64> copyIntoPlace(RadosPlace& place, const QString& name, const CopySource& source,
                              std::optional<quint64> over, const QString& mark, ObjectContext& context)
{
    Copy copy(place, name, source, mark, context);
    return over ? copy.over(*over) : copy.toNewName();
}

Existing existingOf(RadosState& state)
{
    Existing existing{.exists = state.exists,
                      .sizeBytes = state.sizeBytes,
                      .version = state.version,
                      .partialOf = markOf(state.raw),
                      .attributes = userAttributes(state.raw),
                      .hasOmap = state.hasOmap};
    existing.shell = existing.exists && existing.sizeBytes == 0 && hasLocks(state.raw) &&
                     existing.partialOf.isEmpty() && existing.attributes.isEmpty() && !existing.hasOmap;
    return existing;
}

Result<std::optional<quint64>> versionToReplace(RadosPlace& place, const QString& name,
                                                const Existing& existing, const QString& mark,
                                                ObjectContext& context)
{
    return persist(context, kWrite, [&]() -> Try<std::optional<quint64>> {
        auto state = readState(place, name, context, kWrite);
        if (!state) {
            return hinder(state.error());
        }
        const Existing now = existingOf(*state);
        auto holder = holderOf(place, name, state->raw, context, kWrite);
        if (!holder) {
            return hinder(holder.error());
        }
        if (*holder) {
            context.refused();
            return hinder(lockedBy(place, name, **holder));
        }
        if (!now.exists && !existing.exists) {
            return std::optional<quint64>();
        }
        const bool onlyLocks = hasLocks(state->raw) && now.sizeBytes == existing.sizeBytes &&
                               now.attributes == existing.attributes && now.partialOf == existing.partialOf;
        const bool same = now.exists && existing.exists && (now.version == existing.version || onlyLocks);
        const bool nobodys = !existing.exists && (now.shell || now.partialOf == mark);
        if (same || nobodys) {
            return std::optional(now.version);
        }
        context.refused();
        return hinder(moved(place.text(name)));
    });
}

}  // namespace sluice::mover
