sluice_test(mover_parts DEPENDS sluice_mover LABELS "unit;threads")
sluice_test(mover_pipeline SOURCES tst_mover_pipeline.cpp mover_fakes.h DEPENDS sluice_mover LABELS "unit;threads")
sluice_test(mover_files SOURCES tst_mover_files.cpp mover_fakes.h DEPENDS sluice_mover LABELS "unit;threads")
sluice_test(mover_staging SOURCES tst_mover_staging.cpp mover_fakes.h DEPENDS sluice_mover LABELS "unit;threads")
