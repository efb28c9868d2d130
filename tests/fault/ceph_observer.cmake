# Against real clusters: they are made by tests/lab/ceph-lab, which needs the daemons of Ceph.
sluice_test(ceph_observer DEPENDS sluice_worker LABELS lab fault TIMEOUT 420)
target_compile_definitions(tst_ceph_observer PRIVATE
  SLUICE_WORKER_PROGRAM="$<TARGET_FILE:sluice-worker>"
  CEPH_LAB="${PROJECT_SOURCE_DIR}/tests/lab/ceph-lab")
add_dependencies(tst_ceph_observer sluice-worker)
set_tests_properties(ceph_observer PROPERTIES RESOURCE_LOCK lab)
