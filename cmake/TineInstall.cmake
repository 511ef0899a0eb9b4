# SPDX-License-Identifier: MIT
# TineInstall.cmake - install rules, the CMake package and the pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tine)
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tine
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
install(TARGETS tine EXPORT tineTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TINE_BUILD_SHARED)
  install(TARGETS tine_shared EXPORT tineTargets
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
if(TARGET tine_command)
  install(TARGETS tine_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

install(EXPORT tineTargets NAMESPACE tine:: DESTINATION ${package_dir})
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/tineConfig.cmake.in
    ${PROJECT_BINARY_DIR}/tineConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/tineConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/tineConfig.cmake
    ${PROJECT_BINARY_DIR}/tineConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/cmake/TineProgram.cmake
    DESTINATION ${package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cmake/program
    DESTINATION ${package_dir})

# The prefix in tine.pc is found from where tine.pc is, so that the installed
# tree can be moved. An absolute libdir cannot move and is written as it is.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(TINE_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
  set(TINE_PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH up /prefix/${pc_dir} /prefix)
  string(REGEX REPLACE "/$" "" TINE_PC_PREFIX "\${pcfiledir}/${up}")
  set(TINE_PC_LIBDIR "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(TINE_PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
else()
  set(TINE_PC_INCLUDEDIR "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
# With only the archive installed, its dependencies are everyone's.
set(TINE_PC_PRIVATE "")
if(TINE_BUILD_SHARED)
  set(TINE_PC_PRIVATE ".private")
endif()
configure_file(${PROJECT_SOURCE_DIR}/tine.pc.in ${PROJECT_BINARY_DIR}/tine.pc
    @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tine.pc DESTINATION ${pc_dir})
