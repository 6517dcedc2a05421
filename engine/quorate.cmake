# SPDX-License-Identifier: Apache-2.0
# What every folder's CMakeLists.txt is written with: the flags, and one function per kind of target.

add_library(quorate_flags INTERFACE)
target_compile_options(quorate_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wundef
  -Wdouble-promotion -Wextra-semi -Wmissing-declarations
  # g++ 12 takes the alternatives of a std::variant that are not held for uninitialised.
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wduplicated-branches;-Wlogical-op;-Wsuggest-override;-Wno-maybe-uninitialized>
  # Not -Wunreachable-code: a planted bug is a constant in the shipped build.
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# -ffp-contract=off and -funsigned-char keep results equal between compilers and machines.
add_compile_options(-funsigned-char -ffp-contract=off -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(QUORATE_SANITIZE)
  add_compile_options(-fsanitize=${QUORATE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QUORATE_SANITIZE})
endif()

# With QUORATE_PCH what nearly every file includes is read once, which saves a good second a file. Only `dev` asks for it, so the other presets show a missing #include. A carrier has the flags of those that reuse it (-fPIC or -fPIE).
set(quorate_common_headers <algorithm> <functional> <map> <memory> <optional> <string> <string_view> <variant> <vector>
    <absl/status/statusor.h>)
if(QUORATE_PCH)
  # In precompiled headers g++ 12 also reports what it takes for overflows inside std::string.
  target_compile_options(quorate_flags INTERFACE -Wno-array-bounds -Wno-stringop-overflow)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/carrier.cc CONTENT "int main() {}\n")
  add_library(library_headers STATIC ${CMAKE_BINARY_DIR}/carrier.cc)
  target_link_libraries(library_headers PRIVATE quorate_flags absl::statusor)
  target_precompile_headers(library_headers PRIVATE ${quorate_common_headers})
  if(QUORATE_TESTS)
    add_executable(test_headers ${CMAKE_BINARY_DIR}/carrier.cc)
    target_link_libraries(test_headers PRIVATE quorate_flags absl::statusor GTest::gmock rapidcheck rapidcheck_gtest)
    target_precompile_headers(test_headers PRIVATE ${quorate_common_headers} <gmock/gmock.h> <gtest/gtest.h>
                              <rapidcheck.h> <rapidcheck/gtest.h>)
  endif()
endif()

# quorate_library(NAME DEPS...): the sources of the current folder as the static library NAME, with
# the alias that replaces the first "_" by "::" (engine_base is engine::base). DEPS is the complete
# list of the layers it may include; tests/structure checks the #includes against the same order.
function(quorate_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  string(REGEX REPLACE "^([a-z]+)_" "\\1::" alias ${name})
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARGN} PRIVATE quorate_flags)
    if(QUORATE_PCH)
      target_precompile_headers(${name} REUSE_FROM library_headers)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${ARGN})
  endif()
  add_library(${alias} ALIAS ${name})
endfunction()

# quorate_schema(NAME FILE.fbs FLAGS...): generates FILE_generated.h into the build tree and offers it as the
# interface library NAME, as a system header. The FLAGS are flatc's.
function(quorate_schema name schema)
  cmake_path(ABSOLUTE_PATH schema BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  get_filename_component(base ${schema} NAME_WE)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
  set(header ${out}/${base}_generated.h)
  add_custom_command(OUTPUT ${header}
    COMMAND flatbuffers::flatc --cpp --cpp-std c++17 --scoped-enums --warnings-as-errors ${ARGN}
            -o ${out} ${schema}
    DEPENDS ${schema} flatbuffers::flatc)
  add_custom_target(${name}_generate DEPENDS ${header})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_generate)
  target_include_directories(${name} SYSTEM INTERFACE ${out})
  target_link_libraries(${name} INTERFACE flatbuffers::flatbuffers)
endfunction()

# quorate_test(NAME DEPS...): every *.cc of the current folder, but *_bench.cc and *_main.cc, as one GoogleTest
# binary.
function(quorate_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_(bench|main)\\.cc$")
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARGN} quorate_flags GTest::gmock GTest::gtest_main
                        rapidcheck rapidcheck_gtest)
  if(QUORATE_PCH)
    target_precompile_headers(${name} REUSE_FROM test_headers)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "RC_PARAMS=seed=1 max_success=200")
endfunction()

# quorate_fuzz(NAME DEPS...): NAME.cc as a libFuzzer target where QUORATE_FUZZ is on, and always as a
# test that runs the same function over corpus/NAME, so that the corpus is a unit test everywhere.
function(quorate_fuzz name)
  if(QUORATE_FUZZ)
    add_executable(${name} ${name}.cc)
    target_link_libraries(${name} PRIVATE ${ARGN} quorate_flags)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  endif()
  add_executable(${name}_corpus ${name}.cc corpus_main.cc)
  target_link_libraries(${name}_corpus PRIVATE ${ARGN} quorate_flags)
  add_test(NAME ${name} COMMAND ${name}_corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
endfunction()
