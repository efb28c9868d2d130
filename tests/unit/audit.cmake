sluice_test(audit_log DEPENDS sluice_audit LABELS unit)
sluice_test(audit_tamper DEPENDS sluice_audit LABELS unit TIMEOUT 180)
