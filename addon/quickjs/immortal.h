/* Included by quickjs.c as cmake/immortal.cmake changes it: what the snapshot contains is immortal, as in CPython (PEP 683).
   Nobody counts references to it, since each count would make the kernel copy a page of the snapshot. The collector of cycles is not
   affected: to it, an immortal value has a great many references. */
#define JS_MORTAL_LIMIT 0x40000000
#define JS_IMMORTAL 0x60000000

static inline void js_count_up(const void *p) {
  int *count = &js_rc(p)->ref_count;
  if (*count < JS_MORTAL_LIMIT) ++*count;
}

/* Returns how many references are left. */
static inline int js_count_down(const void *p) {
  int *count = &js_rc(p)->ref_count;
  return *count < JS_MORTAL_LIMIT ? --*count : JS_IMMORTAL;
}
