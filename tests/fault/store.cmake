sluice_test(store_kill DEPENDS sluice_audit LABELS unit fault TIMEOUT 180)
sluice_test(store_full DEPENDS sluice_audit LABELS unit fault TIMEOUT 120)
foreach(name store_kill store_full)
  target_include_directories(tst_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
  # The writer that is killed is started from a program with threads.
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/unit/store_tsan.supp:die_after_fork=0")
endforeach()
