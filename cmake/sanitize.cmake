# Target `sanitized`: AddressSanitizer and UndefinedBehaviorSanitizer for everything that has a C library, with POCKER_SANITIZE.
# For tests only (scripts/test/sanitizers.mjs). `trapping`: pocker-init, which has no C library, traps on undefined behaviour instead.
option(POCKER_SANITIZE "Make executables that end at the first memory error or undefined behaviour" OFF)
add_library(sanitized INTERFACE)
set(static -static)
set(strip -s)
set(trapping)
if(NOT POCKER_SANITIZE)
  return()
endif()

set(dist ${CMAKE_BINARY_DIR}/dist)
# The sanitizers need the compiler's own C library, linked dynamically, and its malloc. A snapshot would contain neither.
set(POCKER_MUSL OFF)
set(POCKER_SNAPSHOT OFF)
set(static)
set(strip)
# There is no type information (-fno-rtti) for vptr.
target_compile_options(sanitized INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
  -fno-omit-frame-pointer -g1 -Wno-unused-function)
target_compile_definitions(sanitized INTERFACE POCKER_SANITIZE)
target_link_options(sanitized INTERFACE -fsanitize=address,undefined)
set(trapping -g1 -fsanitize=undefined -fno-sanitize=vptr -fsanitize-undefined-trap-on-error)
