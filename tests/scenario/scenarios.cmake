# Each scenario is one program with a laboratory of its own; exit 77 says that it cannot run here and why.
# One that is TIMED has the machine for itself, the others run beside a test of a library against its laboratory.
# The limit is for what hangs: on a busy machine a scenario may take three times as long as on an idle one.
function(sluice_scenario name timeout)
  math(EXPR timeout "3 * ${timeout}")
  add_test(NAME scenario_${name} COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/${name}.py")
  set_tests_properties(scenario_${name} PROPERTIES LABELS scenario TIMEOUT ${timeout} SKIP_RETURN_CODE 77
    RESOURCE_LOCK scenario ENVIRONMENT "SLUICE_BIN_DIR=${CMAKE_BINARY_DIR}/bin;PYTHONDONTWRITEBYTECODE=1")
  if("${ARGN}" STREQUAL TIMED)
    set_tests_properties(scenario_${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

sluice_scenario(main_job 240 TIMED)
sluice_scenario(two_monitors 360 TIMED)
sluice_scenario(zombie 180)
sluice_scenario(cold_start 180 TIMED)
sluice_scenario(crashes 420)
sluice_scenario(rules 300)
sluice_scenario(keys 180)
sluice_scenario(bad_input 240)
sluice_scenario(two_clusters 120)
sluice_scenario(disk_full 120)
sluice_scenario(s3_fence 150)
