# SPDX-License-Identifier: MIT
# TineFlags.cmake - how every target of this project is compiled.

set(tine_sanitizers)
if(TINE_SANITIZE)
  list(JOIN TINE_SANITIZE "," tine_sanitizers)
endif()

# tine_flags(target)
#
# The asserts are part of the library in every build type, hence -UNDEBUG after
# whatever the build type says. Kernel structures are viewed through several
# types, hence no strict aliasing.
function(tine_flags target)
  set_target_properties(${target} PROPERTIES
      C_STANDARD 17
      C_STANDARD_REQUIRED ON
      C_EXTENSIONS ON
      C_VISIBILITY_PRESET hidden)
  target_compile_options(${target} PRIVATE
      -UNDEBUG
      # __FILE__ appears in reports: as it is in the repository
      -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
      $<$<COMPILE_LANGUAGE:C>:-fno-strict-aliasing>
      $<$<AND:$<COMPILE_LANGUAGE:C>,$<NOT:$<CONFIG:Release>>>:-fno-omit-frame-pointer>
      $<$<COMPILE_LANGUAGE:C>:-ftls-model=initial-exec>
      $<$<COMPILE_LANGUAGE:C>:-fno-common>)
  foreach(warning IN ITEMS
      all extra shadow strict-prototypes missing-prototypes
      old-style-definition vla undef write-strings pointer-arith cast-qual)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-W${warning}>)
  endforeach()
  target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANG_AND_ID:C,GNU>:-Wimplicit-fallthrough=5>
      $<$<COMPILE_LANG_AND_ID:C,Clang>:-Wimplicit-fallthrough>)
  if(TINE_WERROR)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-Werror>)
  endif()
  if(tine_sanitizers)
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANGUAGE:C>:-fsanitize=${tine_sanitizers}>
        $<$<COMPILE_LANGUAGE:C>:-fno-sanitize-recover=all>)
    target_link_options(${target} PRIVATE -fsanitize=${tine_sanitizers})
  endif()
endfunction()

# tine_program_flags(target)
#
# For sources that contain simulated programs. Their stack is simulated memory,
# which fork copies page by page: address sanitizer must not keep notes on it.
function(tine_program_flags target)
  tine_flags(${target})
  if("address" IN_LIST TINE_SANITIZE)
    target_compile_options(${target} PRIVATE
        "$<$<COMPILE_LANG_AND_ID:C,GNU>:SHELL:--param asan-stack=0>"
        "$<$<COMPILE_LANG_AND_ID:C,Clang>:SHELL:-mllvm -asan-stack=0>")
  endif()
endfunction()
