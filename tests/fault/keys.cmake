sluice_test(keys_crash SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_keys_crash.cpp DEPENDS sluice_keys LABELS fault)
