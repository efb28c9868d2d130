set(mover_lab_sources mover_driver.cpp mover_driver.h mover_lab.cpp mover_lab.h)
foreach(part copy guard trouble)
  sluice_test(mover_${part}_lab SOURCES tst_mover_${part}_lab.cpp ${mover_lab_sources}
    DEPENDS sluice_mover sluice_worker LABELS "lab;fault" TIMEOUT 300)
  add_dependencies(tst_mover_${part}_lab sluice-worker)
  set_tests_properties(mover_${part}_lab PROPERTIES RESOURCE_LOCK lab)
endforeach()
