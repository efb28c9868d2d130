foreach(ceph_test ceph_monmap ceph_quorum ceph_facts ceph_lock_info ceph_role_claim ceph_probes)
  sluice_test(${ceph_test} DEPENDS sluice_ceph LABELS unit)
  target_compile_definitions(tst_${ceph_test} PRIVATE CEPH_FIXTURES="${CMAKE_CURRENT_SOURCE_DIR}/ceph_fixtures")
endforeach()
