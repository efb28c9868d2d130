# An engine in memory with rows, for the tests of models and pages.
add_library(sluice_fake_engine STATIC fake_engine.cpp fake_engine_rows.cpp)
set_target_properties(sluice_fake_engine PROPERTIES AUTOMOC ON)
target_include_directories(sluice_fake_engine PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(sluice_fake_engine PUBLIC sluice_options sluice_ui_session)

add_library(sluice_pages_bench STATIC pages_bench.cpp)
target_include_directories(sluice_pages_bench PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(sluice_pages_bench PUBLIC sluice_fake_engine sluice_ui_pages Qt6::Test)
sluice_test(pages_shots DEPENDS sluice_pages_bench LABELS gui TIMEOUT 120)
sluice_test(pages DEPENDS sluice_pages_bench LABELS gui TIMEOUT 180)
sluice_test(pages_truth DEPENDS sluice_pages_bench LABELS gui TIMEOUT 180)
