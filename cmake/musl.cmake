# Target `standalone`: what all code of the static executable is compiled and linked with. Its C library is musl if Debian's
# musl-tools are installed: glibc's static startup executes about a hundred CPUID instructions, each of which traps in a virtual
# machine, and takes longer than all the rest of `--version`.
add_library(standalone INTERFACE)
# Nothing here throws or is unwound; the tables for that would take a tenth of a megabyte.
target_compile_options(standalone INTERFACE -fno-asynchronous-unwind-tables -fno-unwind-tables)
option(POCKER_MUSL "Link the standalone executable with musl, where it is installed" ON)
find_file(MUSL_SPECS musl-gcc.specs PATHS /usr/lib/${CMAKE_CXX_LIBRARY_ARCHITECTURE} PATH_SUFFIXES ../${CMAKE_SYSTEM_PROCESSOR}-linux-musl)
if(NOT POCKER_MUSL OR NOT MUSL_SPECS)
  message(STATUS "The standalone executable is linked with the compiler's own C library")
  return()
endif()

# These do not come from the C library.
set(headers ${CMAKE_BINARY_DIR}/kernel-headers)
file(MAKE_DIRECTORY ${headers})
foreach(name linux asm asm-generic seccomp.h seccomp-syscalls.h)
  find_path(directory ${name} PATHS ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES} NO_CACHE REQUIRED)
  file(CREATE_LINK ${directory}/${name} ${headers}/${name} SYMBOLIC)
  unset(directory)
endforeach()
target_compile_options(standalone INTERFACE -specs=${MUSL_SPECS} "SHELL:-idirafter ${headers}")
# libstdc++'s headers, and the two things they need from glibc's.
foreach(directory ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
  if(directory MATCHES "/c\\+\\+/")
    target_compile_options(standalone INTERFACE "SHELL:$<$<COMPILE_LANGUAGE:CXX>:-isystem ${directory}>")
  endif()
endforeach()
target_compile_definitions(standalone INTERFACE _GNU_SOURCE
  $<$<COMPILE_LANGUAGE:CXX>:__locale_t=locale_t>)
target_compile_options(standalone INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-D__GLIBC_PREREQ(a,b)=0>")
target_link_options(standalone INTERFACE -specs=${MUSL_SPECS})
target_sources(standalone INTERFACE ${CMAKE_SOURCE_DIR}/addon/musl/glibc.cpp ${CMAKE_SOURCE_DIR}/addon/musl/relro.cpp)
