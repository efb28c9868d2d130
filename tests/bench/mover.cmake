sluice_test(mover_bench DEPENDS sluice_mover_lab LABELS bench TIMEOUT 1200 SERIAL)
