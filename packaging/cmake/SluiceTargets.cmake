# The rules every target of Sluice shares: language level, warnings, sanitizers, and one function per kind of target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Programs are compiled as libraries are, so that they share the precompiled headers.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# -O3 makes no program here faster; with it g++ 12 sees uninitialized members in std::optional that are not there.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_library(sluice_options INTERFACE)
target_include_directories(sluice_options INTERFACE "${PROJECT_SOURCE_DIR}/backend" "${PROJECT_SOURCE_DIR}")
target_compile_options(sluice_options INTERFACE -Wall -Wextra -Wpedantic -Werror -Wnon-virtual-dtor)
target_compile_definitions(sluice_options INTERFACE
  QT_NO_KEYWORDS QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_DISABLE_DEPRECATED_BEFORE=0x060400
  SLUICE_VERSION="${PROJECT_VERSION}")
if(SLUICE_SANITIZE)
  # The checks that a sanitizer weaves in make g++ 12 see uninitialized members in std::variant that are not there.
  target_compile_options(sluice_options INTERFACE -fsanitize=${SLUICE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(sluice_options INTERFACE -fsanitize=${SLUICE_SANITIZE})
endif()

# Qt's headers are most of what a compiler reads here; parsed once, a cold build takes two thirds of its time.
option(SLUICE_PCH "Precompile the headers of Qt and of the standard library" ON)
# sluice_precompile(TARGET DEPENDS...): gives the target the headers of what it depends on.
function(sluice_precompile target)
  if(NOT SLUICE_PCH)
    return()
  endif()
  set(kind core)
  set(modules Qt6::Core)
  if("${ARGN}" MATCHES "Qt6::Widgets|sluice_ui_(style|widgets|shell|dialogs|pages|models)|sluice_pages_bench")
    set(kind widgets)
    set(modules Qt6::Widgets)
  endif()
  if(NOT TARGET sluice_pch_${kind})
    add_library(sluice_pch_${kind} OBJECT "${PROJECT_SOURCE_DIR}/packaging/cmake/pch.cpp")
    target_link_libraries(sluice_pch_${kind} PRIVATE sluice_options ${modules})
    target_compile_options(sluice_pch_${kind} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
    target_precompile_headers(sluice_pch_${kind} PRIVATE "${PROJECT_SOURCE_DIR}/packaging/cmake/pch_${kind}.h")
  endif()
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  target_precompile_headers(${target} REUSE_FROM sluice_pch_${kind})
endfunction()

# sluice_library(NAME SOURCES ... DEPENDS ...): static library sluice_NAME. Headers are found as "NAME/header.h".
function(sluice_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(sluice_${name} STATIC ${ARG_SOURCES})
  set_target_properties(sluice_${name} PROPERTIES AUTOMOC ON)
  target_link_libraries(sluice_${name} PUBLIC sluice_options ${ARG_DEPENDS})
  sluice_precompile(sluice_${name} ${ARG_DEPENDS})
endfunction()

# sluice_program(NAME SOURCES ... DEPENDS ...): executable NAME in bin/.
function(sluice_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON)
  target_link_libraries(${name} PRIVATE sluice_options ${ARG_DEPENDS})
  sluice_precompile(${name} ${ARG_DEPENDS})
endfunction()

# sluice_test_library(NAME SOURCES ... DEPENDS ...): static library sluice_NAME of what several tests share.
function(sluice_test_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  find_package(Qt6 REQUIRED COMPONENTS Test)
  sluice_library(${name} SOURCES ${ARG_SOURCES} DEPENDS ${ARG_DEPENDS} Qt6::Test)
  target_include_directories(sluice_${name} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(sluice_${name} PRIVATE
    SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLUICE_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
endfunction()

# sluice_test(NAME SOURCES ... DEPENDS ... LABELS ... TIMEOUT n): a Qt Test program tst_NAME known to ctest.
function(sluice_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;DEPENDS;LABELS" ${ARGN})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES tst_${name}.cpp)
  endif()
  # A limit for what hangs, far above what a test takes on a busy machine.
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  find_package(Qt6 REQUIRED COMPONENTS Test)
  add_executable(tst_${name} ${ARG_SOURCES})
  set_target_properties(tst_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  # A test includes its own moc file; AUTOMOC would compile one more file for each of them.
  foreach(source IN LISTS ARG_SOURCES)
    cmake_path(GET source STEM stem)
    if(stem MATCHES "^tst_")
      qt_generate_moc("${source}" "${CMAKE_CURRENT_BINARY_DIR}/${stem}.moc" TARGET tst_${name})
      target_sources(tst_${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/${stem}.moc")
    endif()
  endforeach()
  target_include_directories(tst_${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(tst_${name} PRIVATE sluice_options Qt6::Test ${ARG_DEPENDS})
  sluice_precompile(tst_${name} ${ARG_DEPENDS})
  target_compile_definitions(tst_${name} PRIVATE
    SLUICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" SLUICE_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  add_test(NAME ${name} COMMAND tst_${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_LOGGING_RULES=qt.qpa.*=false")
  if(SLUICE_SANITIZE STREQUAL thread)
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp:die_after_fork=0")
  endif()
  if(ARG_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()
