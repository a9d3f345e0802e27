# cmake -D KIND=find_package|add_subdirectory -D SOURCE=<comem> -D BUILD=<its build> -D WORK=<directory> ... -P run.cmake
# Builds and runs a consumer as its author would. WORK stays between runs, so that a repeated test is a quick one.

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${KIND} consumer: '${command}' answered ${result}")
  endif()
endfunction()

set(arguments -S ${SOURCE}/tests/consumers/${KIND} -B ${WORK}/build -G ${GENERATOR}
              -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
if(KIND STREQUAL "find_package")
  file(REMOVE_RECURSE ${WORK}/prefix ${WORK}/build)
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
  list(APPEND arguments -DCMAKE_PREFIX_PATH=${WORK}/prefix)
else()
  # Without optimisation and debug information, since the whole library is compiled once more.
  list(APPEND arguments -DCOMEM_SOURCE_DIR=${SOURCE} -DCOMEM_UNITY=ON)
  set(BUILD_TYPE "")
endif()

list(APPEND arguments "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} ${arguments})
run(${CMAKE_COMMAND} --build ${WORK}/build --parallel 2 --target consumer)
run(${WORK}/build/consumer)
