sluice_test(reset SOURCES tst_reset.cpp reset_scene.h DEPENDS sluice_engine LABELS unit TIMEOUT 540)
sluice_test(reset_order SOURCES tst_reset_order.cpp reset_scene.h DEPENDS sluice_engine LABELS unit)
sluice_test(reset_cases DEPENDS sluice_engine LABELS unit)
sluice_test(case_book DEPENDS sluice_engine LABELS unit)
