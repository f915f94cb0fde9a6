//go:build cgo && (gl || glfw) && (linux || windows)

#include "replay.h"

#ifdef _WIN32
#define API __stdcall
#else
#define API
#endif

enum { SHADER_STORAGE_BUFFER = 0x90D2, SHADER_STORAGE_BARRIER_BIT = 0x2000 };

/* The order of replayed in replay.go. */
static struct {
	void(API *useProgram)(uint32_t);
	void(API *bindBufferBase)(uint32_t, uint32_t, uint32_t);
	void(API *bindBufferRange)(uint32_t, uint32_t, uint32_t, intptr_t, intptr_t);
	void(API *uniform4uiv)(int32_t, int32_t, const uint32_t *);
	void(API *memoryBarrier)(uint32_t);
	void(API *dispatchCompute)(uint32_t, uint32_t, uint32_t);
	void(API *flush)(void);
} gl;

void gloss_replay_load(void *const *f) {
	void **to = (void **)&gl;
	for (unsigned i = 0; i < sizeof gl / sizeof *to; i++)
		to[i] = f[i];
}

static void bind(gloss_state *state, uint32_t block, const gloss_range *r) {
	gloss_range *b = &state->bound[block];
	if (b->id == r->id && b->lo == r->lo && b->size == r->size)
		return;
	if (r->size == 0)
		gl.bindBufferBase(SHADER_STORAGE_BUFFER, block, r->id);
	else
		gl.bindBufferRange(SHADER_STORAGE_BUFFER, block, r->id, r->lo, r->size);
	*b = *r;
}

static void issue(gloss_state *state, const gloss_launch *l, const gloss_range *ranges, const uint32_t *words) {
	if (state->program != l->program) {
		gl.useProgram(l->program);
		state->program = l->program;
	}
	for (uint32_t i = 0; i < l->nranges; i++)
		bind(state, i, &ranges[l->ranges + i]);
	if (l->nwords > 0)
		gl.uniform4uiv(l->location, (int32_t)(l->nwords / 4), words);
	gl.dispatchCompute(l->groups[0], l->groups[1], l->groups[2]);
}

void gloss_replay(gloss_state *state, const gloss_launch *launches, int n, const gloss_range *ranges, const uint32_t *words,
                  const uint32_t *advance, uint32_t *room, int first, int steps, int begin, int flush_every) {
	int issued = 0, stride = n > 0 && launches[0].steps > 0 ? (int)launches[0].steps : 1;
	for (int s = 0; s < steps; s += stride) {
		uint32_t step = (uint32_t)(first + s);
		if ((issued += n) >= flush_every) {
			gl.flush();
			issued = 0;
		}
		for (int i = 0; i < n; i++) {
			const gloss_launch *l = &launches[i];
			const uint32_t *w = words + l->words;
			if (l->barrier && (begin || i > 0 || s > 0)) {
				gl.memoryBarrier(SHADER_STORAGE_BARRIER_BIT);
				state->barriers++;
			}
			if ((l->moves && step > 0) || l->steps > 0) {
				for (uint32_t k = 0; k < l->nwords; k++)
					room[k] = w[k] + step * advance[l->words + k];
				if (l->steps > 0)
					room[l->steps_at] = (uint32_t)(steps - s < stride ? steps - s : stride);
				w = room;
			}
			issue(state, l, ranges, w);
		}
	}
}
