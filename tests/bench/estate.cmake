sluice_test(estate_bench SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/tst_estate_bench.cpp" DEPENDS sluice_rpc_test sluice_estate
  LABELS bench TIMEOUT 900 SERIAL)
target_include_directories(tst_estate_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests/rpc")
