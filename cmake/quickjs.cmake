# Target `quickjs`: the system's QuickJS-NG, or else one built from the C sources in the Rust crate rquickjs-sys. Without either,
# no target. The crate, rather than QuickJS-NG's own archive, because cargo pins it by hash (Cargo.lock) and fetches it from
# whatever registry or mirror the builder has set up; many build machines reach no other site. npm and Debian 12 have no such
# sources.
find_package(qjs QUIET)
if(TARGET qjs)
  add_library(quickjs ALIAS qjs)
  return()
endif()
pkg_check_modules(QJS QUIET IMPORTED_TARGET quickjs-ng)
if(TARGET PkgConfig::QJS)
  add_library(quickjs ALIAS PkgConfig::QJS)
  return()
endif()
find_program(CARGO cargo HINTS $ENV{HOME}/.cargo/bin)
if(NOT CARGO)
  return()
endif()

set(crate ${CMAKE_SOURCE_DIR}/addon/quickjs/source)
execute_process(COMMAND ${CARGO} metadata --locked --format-version 1 --manifest-path ${crate}/Cargo.toml
  OUTPUT_VARIABLE metadata COMMAND_ERROR_IS_FATAL ANY)
string(JSON count LENGTH "${metadata}" packages)
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
  string(JSON name GET "${metadata}" packages ${index} name)
  if(name STREQUAL "rquickjs-sys")
    string(JSON manifest GET "${metadata}" packages ${index} manifest_path)
  endif()
endforeach()
get_filename_component(sources ${manifest} DIRECTORY)

include(cmake/immortal.cmake)
immortal(${sources}/quickjs/quickjs.c ${CMAKE_BINARY_DIR}/quickjs.c)
add_library(quickjs STATIC ${CMAKE_BINARY_DIR}/quickjs.c ${sources}/quickjs/libregexp.c ${sources}/quickjs/libunicode.c
  ${sources}/quickjs/dtoa.c)
set_target_properties(quickjs PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_include_directories(quickjs SYSTEM PUBLIC ${sources}/quickjs PRIVATE addon/quickjs)
target_compile_definitions(quickjs PUBLIC _GNU_SOURCE POCKER_IMMORTAL PRIVATE NDEBUG)
target_compile_options(quickjs PRIVATE -O2 -w -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection
  $<TARGET_PROPERTY:standalone,INTERFACE_COMPILE_OPTIONS>)
target_link_libraries(quickjs PUBLIC m)
