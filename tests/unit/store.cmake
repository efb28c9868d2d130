foreach(name store_write store_read store_schema store_manifest)
  sluice_test(${name} DEPENDS sluice_store LABELS "unit;threads")
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
    "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/store_tsan.supp")
endforeach()
