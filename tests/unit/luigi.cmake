sluice_test(luigi_output SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_output.cpp DEPENDS sluice_luigi LABELS unit)
sluice_test(luigi_facts SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_facts.cpp DEPENDS sluice_luigi LABELS unit)
sluice_test(luigi_connector SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_connector.cpp
            DEPENDS sluice_luigi LABELS unit)
sluice_test(luigi_run SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_luigi_run.cpp DEPENDS sluice_luigi LABELS unit)
