# A worker that misbehaves on demand.
add_executable(worker_fake "${CMAKE_CURRENT_SOURCE_DIR}/worker_fake.cpp")
set_target_properties(worker_fake PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
target_link_libraries(worker_fake PRIVATE sluice_worker)
sluice_precompile(worker_fake)

sluice_test(worker_frame DEPENDS sluice_worker LABELS unit)
sluice_test(worker_pending_calls DEPENDS sluice_worker LABELS unit)
foreach(worker_test worker_child_channel worker_process)
  sluice_test(${worker_test} DEPENDS sluice_worker LABELS "unit;threads")
  target_compile_definitions(tst_${worker_test} PRIVATE WORKER_FAKE="$<TARGET_FILE:worker_fake>")
  add_dependencies(tst_${worker_test} worker_fake)
endforeach()
