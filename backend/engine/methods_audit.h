#pragma once

namespace sluice::audit {
class AuditLog;
}
namespace sluice::rpc {
class MethodTable;
}

namespace sluice::engine {

/// audit.list, audit.count, audit.export, audit.verify. `log` may be null: then only the document is made.
void addAuditMethods(rpc::MethodTable& table, audit::AuditLog* log);

}  // namespace sluice::engine
