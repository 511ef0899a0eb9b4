# SPDX-License-Identifier: MIT
# link.cmake - make one object of a program's objects, and see that it calls
# nothing that it must not. Run by tine_add_program().

cmake_minimum_required(VERSION 3.25)

function(refuse)
  string(JOIN "" text ${ARGN})
  message(FATAL_ERROR "tine program ${NAME}: ${text}")
endfunction()

function(run out)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result
      OUTPUT_VARIABLE text ERROR_VARIABLE error)
  if(NOT result EQUAL 0)
    list(GET ARGN 0 command)
    refuse("${command} failed:\n" "${error}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# What a simulated process cannot have of its own.
run(sections ${OBJDUMP} -h ${OBJECTS})
if(sections MATCHES "\\.tdata|\\.tbss")
  refuse("thread-local variables would be the host thread's; "
      "use pthread_key_create()")
endif()
if(ACCESSES)
  # The sanitizer's own constructor, by its priority.
  string(REGEX REPLACE "\\.init_array\\.0(0099)?[ \n]" "" sections
      "${sections}")
endif()
if(sections MATCHES "\\.init_array|\\.ctors|\\.fini_array")
  refuse("constructors would run in the host process; call them from main()")
endif()

set(whole ${OUTPUT}.whole.o)
run(ignored ${LD} -r -T ${CMAKE_CURRENT_LIST_DIR}/program.ld -o ${whole}
    ${START} ${OBJECTS})

if(ACCESSES)
  # What the compiler has put before accesses is tine's from here on.
  run(undefined ${NM} -u -P ${whole})
  string(REGEX MATCHALL "__tsan_[a-z_0-9]+" calls "${undefined}")
  set(renamed)
  foreach(call IN LISTS calls)
    string(REPLACE "__tsan_" "tine_access_" new ${call})
    list(APPEND renamed --redefine-sym ${call}=${new})
  endforeach()
  run(ignored ${OBJCOPY} ${renamed} --remove-section=.init_array.0
      --remove-section=.init_array.00099 --remove-section=.rela.init_array.0
      --remove-section=.rela.init_array.00099 ${whole})
endif()

# Names of tine, names that only compute, names that the user lets through.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/pure.txt pure REGEX "^[^#]")
string(REPLACE ";" "\n" pure "${pure}")
string(REGEX MATCHALL "[A-Za-z_0-9]+" pure "${pure}")
run(undefined ${NM} -u -P ${whole})
string(REGEX MATCHALL "[^\n]+" lines "${undefined}")
set(foreign)
foreach(line IN LISTS lines)
  string(REGEX MATCH "^[^ @]+" symbol "${line}")
  if(symbol MATCHES "^tine_|^_GLOBAL_OFFSET_TABLE_$|^__sanitizer_cov_trace_pc$")
    continue()
  endif()
  # Names that a newer standard gives to the same functions.
  string(REGEX REPLACE "^__isoc[0-9]+_" "" plain "${symbol}")
  if(NOT plain IN_LIST pure AND NOT symbol IN_LIST HOST)
    list(APPEND foreign ${symbol})
  endif()
endforeach()
if(foreign)
  string(JOIN ", " names ${foreign})
  refuse("it calls " "${names}" ", which reach outside the machine. Use what "
      "<tine/posix.h> lists, or say HOST name if that is what you want")
endif()

run(ignored ${OBJCOPY} --keep-global-symbol=tine_program_none ${whole}
    ${OUTPUT})
file(REMOVE ${whole})
