sluice_test(flow_bench SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/tst_flow_bench.cpp" DEPENDS sluice_engine LABELS bench TIMEOUT 900 SERIAL)
target_include_directories(tst_flow_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
sluice_test(outage_bench SOURCES "${CMAKE_CURRENT_SOURCE_DIR}/tst_outage_bench.cpp" DEPENDS sluice_engine LABELS bench TIMEOUT 300 SERIAL)
target_include_directories(tst_outage_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
