/* Launches given to the driver without coming back to Go for each of its functions. */
#include <stdint.h>

enum { GLOSS_BINDINGS = 16 };

/* A part of a buffer object; size 0 is the whole. */
typedef struct {
	int64_t lo, size;
	uint32_t id, unused;
} gloss_range;

/* What the context has bound, so that only changes are made. */
typedef struct {
	gloss_range bound[GLOSS_BINDINGS];
	uint32_t program, barriers; /* barriers counts those that were made */
} gloss_state;

/* One dispatch. Its ranges and words begin at the given places of the lists that all launches share. */
typedef struct {
	uint32_t program, groups[3];
	int32_t location; /* of the uniforms, -1 for none */
	uint32_t barrier; /* before it */
	uint32_t ranges, nranges, words, nwords;
	uint32_t moves; /* whether a word advances */
	uint32_t steps, steps_at; /* that it does itself, and the word that is told how many; 0 for one */
} gloss_launch;

/* The driver's functions, in the order of replay.go's list. */
void gloss_replay_load(void *const *functions);

/* n launches for each of the steps first, first+1, ... A launch's words are words + step·advance. The first launch of all has its
   barrier only where begin says so. Where the first does several steps itself,
   all do as many. After every so many launches the driver is told to begin. */
void gloss_replay(gloss_state *state, const gloss_launch *launches, int n, const gloss_range *ranges, const uint32_t *words,
                  const uint32_t *advance, uint32_t *room, int first, int steps, int begin, int flush_every);
