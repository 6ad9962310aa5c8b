# embed(VARIABLE SYMBOL FILE DEPENDENCY): an assembly source that contains the file, between SYMBOL_begin and SYMBOL_end.
function(embed variable symbol file dependency)
  set(source ${CMAKE_BINARY_DIR}/${symbol}.S)
  set(text ".section .rodata\n.balign 16\n.global ${symbol}_begin\n.global ${symbol}_end\n.hidden ${symbol}_begin\n.hidden ${symbol}_end\n${symbol}_begin:\n.incbin \"${file}\"\n${symbol}_end:\n.section .note.GNU-stack,\"\",%progbits\n")
  file(GENERATE OUTPUT ${source} CONTENT "${text}")
  set_source_files_properties(${source} PROPERTIES GENERATED TRUE OBJECT_DEPENDS "${dependency}" LANGUAGE ASM)
  set(${variable} ${source} PARENT_SCOPE)
endfunction()
