sluice_test(reset DEPENDS sluice_engine LABELS unit)
