sluice_test(reset DEPENDS sluice_engine LABELS unit TIMEOUT 180)
sluice_test(reset_cases DEPENDS sluice_engine LABELS unit)
sluice_test(case_book DEPENDS sluice_engine LABELS unit)
