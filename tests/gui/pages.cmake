# An engine in memory with rows, for the tests of models and pages.
sluice_test_library(fake_engine SOURCES fake_engine.cpp fake_engine_rows.cpp DEPENDS sluice_ui_session)
sluice_test_library(pages_bench SOURCES pages_bench.cpp DEPENDS sluice_fake_engine sluice_ui_pages)
sluice_test(pages_shots DEPENDS sluice_pages_bench LABELS gui TIMEOUT 360)
sluice_test(pages DEPENDS sluice_pages_bench LABELS gui TIMEOUT 540)
sluice_test(pages_truth DEPENDS sluice_pages_bench LABELS gui TIMEOUT 540)
sluice_test(sluice DEPENDS Qt6::Core LABELS gui)
add_dependencies(tst_sluice sluice)
