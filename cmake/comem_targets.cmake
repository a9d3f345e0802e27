# How every target of the project is compiled, and how the modules become one library.

add_library(comem_flags INTERFACE)
target_compile_features(comem_flags INTERFACE cxx_std_20)
target_compile_options(comem_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(NOT COMEM_UNITY)  # there the files of a module see what their neighbours keep to themselves
  target_compile_options(comem_flags INTERFACE -Wshadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees Asio's frames freed with the wrong function wherever it inlines only one half of the pair.
  target_compile_options(comem_flags INTERFACE -Wno-mismatched-new-delete)
endif()
# Line tables are enough for a stack trace, and make libraries and links a third of the size.
target_compile_options(comem_flags INTERFACE $<$<CONFIG:RelWithDebInfo>:-g1>)
if(COMEM_WERROR)
  target_compile_options(comem_flags INTERFACE -Werror)
endif()
if(COMEM_SANITIZE STREQUAL "address")
  target_compile_options(comem_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                               -fno-omit-frame-pointer)
  target_link_options(comem_flags INTERFACE -fsanitize=address,undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # What the sanitizers insert makes g++ 12 see uses of empty optionals that cannot be.
    target_compile_options(comem_flags INTERFACE -Wno-maybe-uninitialized)
    # A check before every use of a pointer doubles the time to compile. What null pointers and wrong places in memory
    # lead to, the address sanitizer sees; the fuzzers (clang) have these checks too.
    target_compile_options(comem_flags INTERFACE -fno-sanitize=null,alignment,vptr,object-size)
  endif()
  # Asio's frame recycling would hide use-after-free of coroutine frames.
  target_compile_definitions(comem_flags INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
elseif(COMEM_SANITIZE STREQUAL "thread")
  target_compile_options(comem_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(comem_flags INTERFACE -fsanitize=thread)
elseif(COMEM_SANITIZE)
  message(FATAL_ERROR "COMEM_SANITIZE must be address, thread or empty, not '${COMEM_SANITIZE}'")
endif()
if(COMEM_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR COMEM_SANITIZE)
    message(FATAL_ERROR "COMEM_BUILD_FUZZERS needs clang, and brings its own sanitizers (COMEM_SANITIZE empty)")
  endif()
  target_compile_options(comem_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined
                                               -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(comem_flags INTERFACE -fsanitize=address,undefined)
endif()

# comem_unity(<target>): with COMEM_UNITY the headers of Asio and the standard library are read once for eight files.
function(comem_unity target)
  if(COMEM_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # g++ takes what an included .cpp keeps to itself for a part of a header.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# comem_module(<name> SOURCES ... [USES <imported targets> ...])
# One module of the house as an object library comem_<name>; comem_library() joins them.
function(comem_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  add_library(comem_${name} OBJECT ${arg_SOURCES})
  set_target_properties(comem_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(comem_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                  ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(comem_${name} PUBLIC Boost::headers Threads::Threads ${arg_USES}
                                      PRIVATE comem_flags)
  comem_unity(comem_${name})
  set_property(GLOBAL APPEND PROPERTY COMEM_MODULES comem_${name})
endfunction()

# The installable static library, with everything that its modules use.
function(comem_library)
  get_property(modules GLOBAL PROPERTY COMEM_MODULES)
  set(objects "")
  foreach(module IN LISTS modules)
    list(APPEND objects $<TARGET_OBJECTS:${module}>)
  endforeach()
  add_library(comem STATIC ${objects})
  add_library(comem::comem ALIAS comem)
  target_compile_features(comem PUBLIC cxx_std_20)
  target_include_directories(comem PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                          $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(comem PUBLIC Boost::headers Threads::Threads
                              PRIVATE OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB SQLite::SQLite3 fmt::fmt
                                      spdlog::spdlog simdjson::simdjson $<BUILD_INTERFACE:comem_flags>)
  if(NOT COMEM_INSTALL)
    return()
  endif()
  include(CMakePackageConfigHelpers)
  install(TARGETS comem EXPORT comemTargets)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/comem DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/comem)
  install(EXPORT comemTargets NAMESPACE comem:: DESTINATION ${package})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/comemConfig.cmake.in
                                ${PROJECT_BINARY_DIR}/comemConfig.cmake INSTALL_DESTINATION ${package})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/comemConfigVersion.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/comemConfig.cmake ${PROJECT_BINARY_DIR}/comemConfigVersion.cmake
          DESTINATION ${package})
endfunction()

# comem_test(<name> [LABELS ...] SOURCES ... [USES ...]): one doctest program, one CTest entry.
# It may look inside the house, so it sees src/ and adapters/. It brings no main() of its own (tests/support).
# OPTIMISED names those of its files that compute much by themselves.
function(comem_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "LABELS;SOURCES;USES;OPTIMISED" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE comem_test_support comem comem_flags doctest::doctest ${arg_USES})
  # What is tested is optimised; optimising what asks takes longer than asking.
  target_compile_options(${name} PRIVATE -O0)
  set_source_files_properties(${arg_OPTIMISED} PROPERTIES COMPILE_OPTIONS $<IF:$<BOOL:${COMEM_SANITIZE}>,-O1,-O2>)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 240)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  if("concurrent" IN_LIST arg_LABELS)
    if(NOT TARGET concurrent_tests)
      add_custom_target(concurrent_tests)  # what a ThreadSanitizer build needs
    endif()
    add_dependencies(concurrent_tests ${name})
  endif()
endfunction()
