# immortal(SOURCE COPY): writes a copy of quickjs.c that counts references as addon/quickjs/immortal.h says, and places what it allocates
# as addon/quickjs/placement.h says. Fails if the source has not the expected form.
function(immortal source copy)
  file(READ ${source} text)
  string(REGEX REPLACE "JS_REF_COUNT(\\([^()]+\\))\\+\\+" "js_count_up\\1" text "${text}")
  string(REGEX REPLACE "--JS_REF_COUNT(\\([^()]+\\))" "js_count_down\\1" text "${text}")
  string(REPLACE "#define JS_GC_MARK(p) " "#include \"immortal.h\"\n#define JS_GC_MARK(p) " text "${text}")
  # The same sizes of blocks once for each part.
  string(REGEX REPLACE "#define JS_ARENA_BLOCK_SIZE_COUNT +([0-9]+)"
    "#include \"placement.h\"\n#define JS_ARENA_SIZES \\1\n#define JS_ARENA_BLOCK_SIZE_COUNT (JS_ARENA_SIZES * JS_PARTS)" text "${text}")
  string(REGEX REPLACE "(arena_block_sizes\\[JS_ARENA_BLOCK_SIZE_COUNT\\] = {)([^}]+)}" "\\1\\2\\2\\2}" text "${text}")
  string(REPLACE "= arena_get_size_index(total_size);" "= JS_ARENA_SIZES * js_part + arena_get_size_index(total_size);" text "${text}")
  string(REPLACE "s = &rt->malloc_state;\n    /* When malloc_limit" 
    "if (unlikely(js_on_request)) js_on_request();\n    s = &rt->malloc_state;\n    /* When malloc_limit" text "${text}")
  string(REPLACE "n_blocks = (JS_ARENA_SIZE - sizeof(JSArena)) / block_size;"
    "n_blocks = max_int(1, (js_arena_size - (int)sizeof(JSArena)) / block_size);" text "${text}")
  string(APPEND text "#include \"immortal.c\"\n")
  foreach(part "static JSValue js_dup(JSValueConst v)\n{\n    if (JS_VALUE_HAS_REF_COUNT(v)) {\n        void *p = JS_VALUE_GET_PTR(v);\n        js_count_up(p);"
      "if (js_count_down(p) <= 0) {\n            js_free_value_rt(rt, v);" "immortal.h\"" "#define JS_ARENA_SIZES 31\n"
      "480, 512,\n\n    16, 24" "js_part + arena_get_size_index" "max_int(1, (js_arena_size"
      "if (unlikely(js_on_request)) js_on_request();\n    s = &rt->malloc_state;\n    /* When malloc_limit is 0 (unlimited), malloc_limit - 1 will be SIZE_MAX. */\n    if (s->malloc_size + size - old_size")
    string(FIND "${text}" "${part}" found)
    if(found EQUAL -1)
      message(FATAL_ERROR "${source} has another form than cmake/immortal.cmake expects: ${part}")
    endif()
  endforeach()
  file(GENERATE OUTPUT ${copy} CONTENT "${text}")
endfunction()
