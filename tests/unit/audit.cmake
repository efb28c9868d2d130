sluice_test(audit_log DEPENDS sluice_audit LABELS unit)
sluice_test(audit_tamper DEPENDS sluice_audit LABELS unit TIMEOUT 540)
sluice_test(audit_search DEPENDS sluice_audit LABELS unit)
set_property(TEST audit_log audit_search audit_tamper APPEND PROPERTY ENVIRONMENT
  "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/store_tsan.supp")
