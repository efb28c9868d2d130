sluice_program(sluice-gallery
  SOURCES gallery/main.cpp gallery/samples.cpp gallery/sheets_controls.cpp gallery/sheets_case.cpp
          gallery/sheets_storage.cpp gallery/sheets_flow.cpp gallery/sheets_window.cpp
  DEPENDS sluice_ui_shell)
add_test(NAME gallery COMMAND sluice-gallery "${CMAKE_CURRENT_BINARY_DIR}/gallery-pictures")
set_tests_properties(gallery PROPERTIES LABELS gui TIMEOUT 300
  ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_LOGGING_RULES=qt.qpa.*=false")

sluice_test(ui_style SOURCES tst_ui_style.cpp DEPENDS sluice_ui_widgets LABELS gui)
sluice_test(dag_layout SOURCES tst_dag_layout.cpp DEPENDS sluice_ui_widgets LABELS gui)
sluice_test(dag_view SOURCES tst_dag_view.cpp gallery/samples.cpp DEPENDS sluice_ui_widgets LABELS gui TIMEOUT 360)
sluice_test(ui_widgets SOURCES tst_ui_widgets.cpp DEPENDS sluice_ui_widgets LABELS gui)
sluice_test(shell SOURCES tst_shell.cpp DEPENDS sluice_ui_shell LABELS gui)
