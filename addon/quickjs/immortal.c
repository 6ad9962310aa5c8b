/* Included at the end of quickjs.c (immortal.h, placement.h). */

int js_part = JS_PART_WRITTEN;
void (*js_on_request)(void) = NULL;
int js_arena_size = JS_ARENA_SIZE;

/* What is in the arenas, plus larger objects and atoms; larger strings and numbers stay mortal. The arenas are forgotten: a new block
   in one of them, or a new arena next to it in its list, would be another page to copy. */
void JS_MakeImmortal(JSRuntime *rt) {
  /* A shape lookup reads all shapes in its slot of the table: it holds only those that the usual commands use. Code that needs another
     makes a new one. */
  for (int i = 0; i < rt->shape_hash_size; i++) {
    JSShape **place = &rt->shape_hash[i];
    while (*place != NULL) {
      if (js_rc(*place)->block_size_idx / JS_ARENA_SIZES == JS_PART_REST) {
        *place = (*place)->shape_hash_next;
        rt->shape_hash_count--;
      } else {
        place = &(*place)->shape_hash_next;
      }
    }
  }
  /* Room for new shapes: a larger table later would mean writing to each of the old ones. */
  int bits = 1;
  while (1 << bits < 6 * rt->shape_hash_count) bits++;
  if (resize_shape_hash(rt, bits) != 0) abort();
  struct list_head *el, *next;
  for (int size = 0; size < JS_ARENA_BLOCK_SIZE_COUNT; size++) {
    list_for_each_safe(el, next, &rt->arena_state.arena_list[size]) {
      JSArena *arena = list_entry(el, JSArena, link);
      for (int i = 0; i < arena->n_blocks; i++) {
        JSMallocBlockHeader *block = arena_get_block(arena, i, arena_block_sizes[size]);
        block->ref_count = JS_IMMORTAL;
      }
      init_list_head(&arena->link);
      init_list_head(&arena->free_link);
    }
    init_list_head(&rt->arena_state.arena_list[size]);
    init_list_head(&rt->arena_state.free_arena_list[size]);
  }
  list_for_each(el, &rt->gc_obj_list) { JS_REF_COUNT(list_entry(el, JSGCObjectHeader, link)) = JS_IMMORTAL; }
  for (int i = 0; i < rt->atom_size; i++) {
    if (!atom_is_free(rt->atom_array[i])) JS_REF_COUNT(rt->atom_array[i]) = JS_IMMORTAL;
  }
}
