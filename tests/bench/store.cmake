sluice_test(store_bench DEPENDS sluice_store LABELS bench SERIAL TIMEOUT 800)
target_include_directories(tst_store_bench PRIVATE "${PROJECT_SOURCE_DIR}/tests/unit")
