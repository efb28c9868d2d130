sluice_program(luigi_engine_fake SOURCES ${CMAKE_CURRENT_LIST_DIR}/luigi_engine_fake.cpp DEPENDS sluice_luigi)
sluice_test(luigi_orphans SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_orphans.cpp DEPENDS sluice_luigi LABELS fault)
add_dependencies(tst_luigi_orphans luigi_engine_fake)
sluice_test(luigi_lab SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_lab.cpp DEPENDS sluice_luigi LABELS lab TIMEOUT 840)
