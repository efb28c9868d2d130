#pragma once

#include <memory>

#include "mover/ends.h"

namespace sluice::mover {

/// A source of which only one object is copied.
class OneObject final : public SourceEnd {
public:
    OneObject(std::unique_ptr<SourceEnd> folder, ListedObject object)
        : m_folder(std::move(folder)), m_object(std::move(object))
    {
    }

    Result<void> list(const Sink& sink, ObjectContext&) override
    {
        sink({m_object});
        return {};
    }
    Result<std::optional<ListedObject>> find(const QString& name, ObjectContext&) override
    {
        return name == m_object.name ? std::optional(m_object) : std::nullopt;
    }
    Result<std::unique_ptr<SourceObject>> open(const ListedObject& listed, ObjectContext& context) override
    {
        return m_folder->open(listed, context);
    }
    void keptUnread(ObjectContext& context) override { m_folder->keptUnread(context); }
    void countVersions(const QString&, ObjectContext& context) override
    {
        m_folder->countVersions(m_object.name, context);
    }
    bool versionProvesBytes() const override { return m_folder->versionProvesBytes(); }
    quint64 remembered(quint64 version) const override { return m_folder->remembered(version); }

private:
    std::unique_ptr<SourceEnd> m_folder;
    ListedObject m_object;
};

}  // namespace sluice::mover
