# SPDX-License-Identifier: MIT
# TineProgram.cmake - C sources with a main() become a simulated program.

# What is wrong with the arguments of tine_add_program(), said here rather than
# by what they would become.
function(tine_check_program name missing)
  set(where "tine_add_program(${name})")
  # It is a target, a file in /bin and a string in C.
  if(NOT name MATCHES "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
    message(FATAL_ERROR "${where}: \"${name}\" cannot be a program's name: "
        "letters, digits and _ . + - are what it may have")
  endif()
  foreach(target IN ITEMS ${name} ${name}_objects ${name}_start ${name}_linked)
    if(TARGET ${target})
      message(FATAL_ERROR "${where}: there is a target ${target} already")
    endif()
  endforeach()
  if(missing)
    message(FATAL_ERROR "${where}: nothing behind ${missing}")
  endif()
  if(NOT ARGN)
    message(FATAL_ERROR "${where}: no sources")
  endif()
  foreach(source IN LISTS ARGN)
    if(source MATCHES "^[A-Z_]+$")
      message(FATAL_ERROR "${where}: no option ${source}: there are "
          "SUMMARY, ACCESSES, EDGES, MODULE and HOST")
    endif()
    if(source MATCHES "\\$<")
      continue()
    endif()
    cmake_path(ABSOLUTE_PATH source NORMALIZE OUTPUT_VARIABLE path)
    get_source_file_property(generated ${path} GENERATED)
    if(NOT generated AND NOT EXISTS ${path})
      message(FATAL_ERROR "${where}: no source ${source}")
    endif()
    if(NOT source MATCHES "\\.[ch]$")
      message(FATAL_ERROR "${where}: ${source} is not C")
    endif()
  endforeach()
endfunction()

# tine_add_program(NAME source... [SUMMARY text] [ACCESSES] [EDGES] [MODULE]
#                  [HOST name...])
#
# Compiles the sources with <tine/posix.h> in front and makes one object of
# them that registers the program NAME. Its global variables, initialised and
# not, lie on pages of their own, which become the data segment of the simulated
# process: fork copies them, exec begins afresh. No symbol of the program is
# visible outside, so any number of programs with a main() fit into one binary.
#
#   target_link_libraries(my_test PRIVATE NAME tine::tine)
#
# puts it into a test. MODULE: also builds NAME.so for "tine run ./NAME.so"
# (target NAME_module). EDGES: counts branches, so that a loop without system
# calls can be preempted. ACCESSES: every access to memory that other LWPs or
# processes see is a scheduling point, so that an explorer can order them. HOST:
# functions of the host program that it may call; all others that are neither
# tine's nor pure computation are an error.
function(tine_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ACCESSES;EDGES;MODULE" "SUMMARY" "HOST")
  tine_check_program("${name}" "${arg_KEYWORDS_MISSING_VALUES}"
      ${arg_UNPARSED_ARGUMENTS})
  if(NOT arg_SUMMARY)
    set(arg_SUMMARY "built from C sources with a main()")
  endif()
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.program.o)
  # Whoever has tine as a subdirectory sees functions of it, but no variables.
  set(parts ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/program)

  add_library(${name}_objects OBJECT ${arg_UNPARSED_ARGUMENTS})
  target_compile_options(${name}_objects PRIVATE
      "SHELL:-include tine/posix.h" -fno-common)
  # What the program may not call is found when it is linked.
  target_compile_definitions(${name}_objects PRIVATE TINE_POSIX_HOST)
  if(arg_EDGES)
    target_compile_options(${name}_objects PRIVATE
        -fsanitize-coverage=trace-pc)
  endif()
  add_library(${name}_start OBJECT ${parts}/start.c)
  target_compile_definitions(${name}_start PRIVATE
      TINE_PROGRAM_NAME="${name}" "TINE_PROGRAM_SUMMARY=\"${arg_SUMMARY}\"")
  foreach(part IN ITEMS ${name}_objects ${name}_start)
    set_target_properties(${part} PROPERTIES
        POSITION_INDEPENDENT_CODE ON
        C_VISIBILITY_PRESET hidden)
    # Sanitizers keep notes on globals and stacks that fork does not copy.
    target_compile_options(${part} PRIVATE
        -fno-sanitize=address,undefined,leak,thread)
    target_include_directories(${part} PRIVATE
        $<TARGET_PROPERTY:tine::tine,INTERFACE_INCLUDE_DIRECTORIES>)
  endforeach()
  if(arg_ACCESSES)
    # Volatile ones too: gcc leaves them out by itself.
    target_compile_options(${name}_objects PRIVATE -fsanitize=thread
        $<$<C_COMPILER_ID:GNU>:--param=tsan-distinguish-volatile=1>)
  endif()

  add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND}
          -D NAME=${name}
          -D LD=${CMAKE_LINKER} -D NM=${CMAKE_NM} -D OBJCOPY=${CMAKE_OBJCOPY}
          -D OBJDUMP=${CMAKE_OBJDUMP}
          -D "HOST=${arg_HOST}" -D ACCESSES=${arg_ACCESSES}
          -D START=$<TARGET_OBJECTS:${name}_start>
          -D "OBJECTS=$<TARGET_OBJECTS:${name}_objects>"
          -D OUTPUT=${object}
          -P ${parts}/link.cmake
      DEPENDS $<TARGET_OBJECTS:${name}_start> $<TARGET_OBJECTS:${name}_objects>
          ${parts}/link.cmake ${parts}/program.ld
          ${parts}/pure.txt
      COMMENT "Linking program ${name}"
      VERBATIM)
  add_custom_target(${name}_linked DEPENDS ${object})
  add_dependencies(${name}_linked ${name}_start ${name}_objects)
  set_source_files_properties(${object} PROPERTIES
      EXTERNAL_OBJECT ON GENERATED ON)
  add_library(${name} INTERFACE)
  target_sources(${name} INTERFACE ${object})
  add_dependencies(${name} ${name}_linked)
  if(arg_MODULE)
    add_library(${name}_module MODULE ${object})
    add_dependencies(${name}_module ${name}_linked)
    set_target_properties(${name}_module PROPERTIES
        PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE C)
  endif()
endfunction()
