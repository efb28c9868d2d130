# Against real clusters: they are made by tests/lab/ceph-lab, which needs the daemons of Ceph.
foreach(part observer lease)
  sluice_test(ceph_${part} DEPENDS sluice_worker LABELS lab fault TIMEOUT 840)
  target_compile_definitions(tst_ceph_${part} PRIVATE
    SLUICE_WORKER_PROGRAM="$<TARGET_FILE:sluice-worker>"
    CEPH_LAB="${PROJECT_SOURCE_DIR}/tests/lab/ceph-lab")
  add_dependencies(tst_ceph_${part} sluice-worker)
endforeach()
# The lease's tests wait more than they work, so they may run beside whatever else.
set_tests_properties(ceph_observer PROPERTIES RESOURCE_LOCK lab)
