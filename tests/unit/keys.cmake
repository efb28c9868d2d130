sluice_test(keys_secret_store SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_keys_secret_store.cpp
            DEPENDS sluice_keys LABELS unit)
sluice_test(keys_role_book SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_keys_role_book.cpp
            DEPENDS sluice_keys LABELS unit)
sluice_test(keys_rotation SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_keys_rotation.cpp
            DEPENDS sluice_keys LABELS unit)
sluice_test(keys_begun SOURCES ${CMAKE_CURRENT_LIST_DIR}/tst_keys_begun.cpp
            DEPENDS sluice_keys LABELS unit)
