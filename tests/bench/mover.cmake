set(mover_fault "${PROJECT_SOURCE_DIR}/tests/fault")
sluice_test(mover_bench
  SOURCES tst_mover_bench.cpp "${mover_fault}/mover_driver.cpp" "${mover_fault}/mover_lab.cpp"
  DEPENDS sluice_mover sluice_worker LABELS bench TIMEOUT 600 SERIAL)
target_include_directories(tst_mover_bench PRIVATE "${mover_fault}")
add_dependencies(tst_mover_bench sluice-worker)
