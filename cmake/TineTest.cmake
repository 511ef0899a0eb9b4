# SPDX-License-Identifier: MIT
# TineTest.cmake - how a test is added.

# Faults in simulated memory are ours to handle, on a signal stack of our own.
set(tine_test_environment
    "ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:use_sigaltstack=0:detect_stack_use_after_return=0"
    "UBSAN_OPTIONS=print_stacktrace=1"
    # The sanitizers' own libraries look symbols up when they first call them,
    # and that may be on a program's stack.
    "LD_BIND_NOW=1")

# Address sanitizer wants its shadow at a fixed place, and with many random bits
# the host now and then puts something else there. Where the host lets us, the
# sanitized tests run without; the others show that it does not matter to us.
set(tine_test_wrapper)
if("address" IN_LIST TINE_SANITIZE)
  find_program(TINE_SETARCH setarch)
  if(TINE_SETARCH)
    execute_process(COMMAND ${TINE_SETARCH} -R true
        RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
    if(refused EQUAL 0)
      set(tine_test_wrapper ${TINE_SETARCH} -R)
    endif()
  endif()
endif()

# tine_add_test(NAME source...)
#
# One binary and one CTest test. It sees the internal headers, the support
# files of the tests, the examples' programs and these macros:
#
#   TINE_TEST_SOURCE_DIR   the root of the sources
#   TINE_TEST_MODULE_DIR   where the shared objects of tests/modules are
#   TINE_TEST_COMMAND      the path of the command tine
#
# A source whose name ends in _edges.c is compiled with an edge counter, as a
# user's program is that wants to be preempted inside loops.
function(tine_add_test name)
  tine_add_test_binary(${name} ${ARGN})
  tine_register_test(${name} "unit"
      ${tine_test_wrapper} $<TARGET_FILE:test_${name}>)
endfunction()

# The same without the CTest test.
function(tine_add_test_binary name)
  set(target test_${name})
  add_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE
      ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${target} PRIVATE
      TINE_TEST_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      TINE_TEST_MODULE_DIR="${PROJECT_BINARY_DIR}/tests/modules")
  target_link_libraries(${target} PRIVATE tine_objects PkgConfig::TINE_CMOCKA)
  foreach(more IN ITEMS tine_test_support tine_examples tine_shell tine_counter)
    if(TARGET ${more})
      target_link_libraries(${target} PRIVATE ${more})
    endif()
  endforeach()
  if(TARGET tine_command)
    target_compile_definitions(${target} PRIVATE
        TINE_TEST_COMMAND="$<TARGET_FILE:tine_command>")
    add_dependencies(${target} tine_command)
  endif()
  if(TARGET tine_test_modules)
    add_dependencies(${target} tine_test_modules)
  endif()
  set_target_properties(${target} PROPERTIES ENABLE_EXPORTS ON)
  tine_program_flags(${target})
  foreach(source IN LISTS ARGN)
    if(source MATCHES "_edges\\.c$")
      set_property(SOURCE ${source} APPEND PROPERTY
          COMPILE_OPTIONS -fsanitize-coverage=trace-pc)
    endif()
  endforeach()
endfunction()

# tine_register_test(NAME LABELS command...)
function(tine_register_test name labels)
  set(test ${TINE_TEST_PREFIX}${name})
  add_test(NAME ${test} COMMAND ${ARGN})
  if(TINE_SANITIZE)
    list(APPEND labels sanitized)
  endif()
  set_tests_properties(${test} PROPERTIES
      TIMEOUT 120
      LABELS "${labels}"
      ENVIRONMENT "${tine_test_environment}")
endfunction()
