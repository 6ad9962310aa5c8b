/* Included by quickjs.c as cmake/immortal.cmake changes it, and by those who make the snapshot (rehearsal.h): which part of the snapshot
   a request for memory gets its block from. Each part has arenas of its own. At run time there is only the first. */
#ifndef POCKER_PLACEMENT_H
#define POCKER_PLACEMENT_H

#ifdef __cplusplus
extern "C" {
#endif

enum { JS_PART_WRITTEN, JS_PART_READ, JS_PART_REST, JS_PARTS };

/* The part in use. */
extern int js_part;
/* At build time: called at each request, before it is granted. */
extern void (*js_on_request)(void);
/* Size of an arena with its blocks, of which there is at least one. */
extern int js_arena_size;

#ifdef __cplusplus
}
#endif
#endif
