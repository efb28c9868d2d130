sluice_test(audit_bench DEPENDS sluice_audit LABELS bench SERIAL TIMEOUT 600)
target_include_directories(tst_audit_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
