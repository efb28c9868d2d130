sluice_test(diagnosis_rules SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_rules.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_lock SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_lock.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_caps SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_caps.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_probes SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_probes.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_health SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_health.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_random SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_random.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_cause SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_cause.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_keys SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_keys.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_gateway SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_gateway.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_gateway_trouble SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_gateway_trouble.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_outage SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_outage.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_osds SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_osds.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_machine SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_machine.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_standing SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_standing.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_book SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_book.cpp
            DEPENDS sluice_ceph_rules LABELS unit)
sluice_test(diagnosis_luigi SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_diagnosis_luigi.cpp
            DEPENDS sluice_ceph_rules sluice_system_luigi LABELS unit)
