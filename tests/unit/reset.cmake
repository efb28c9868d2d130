sluice_test(reset DEPENDS sluice_engine LABELS unit)
sluice_test(reset_cases DEPENDS sluice_engine LABELS unit)
