/* SPDX-License-Identifier: MIT */
/*
 * sched/token.h - serialising tokens: locks that are lost while one sleeps.
 *
 * The theory is at the top of token.c.
 */
#ifndef TINE__SCHED_TOKEN_H
#define TINE__SCHED_TOKEN_H

#include "sched/thread.h"

struct tine__token {
	struct tine__obj obj;
	struct tine__thread *owner;	/* who has it exclusively, or NULL */
	uint32_t depth;			/* references of the owner */
	uint32_t shared;		/* references that share it */
};

#define TINE__TOKENS_MAX 32

struct tine__tokref {
	struct tine__token *token;
	bool exclusive;
};

/*
 * The tokens of one thread, innermost last. Memory of the flavour, at
 * thread->toks; all zero to begin with.
 */
struct tine__toks {
	uint32_t n;
	bool asking;	/* the last one is announced, not had */
	bool spinning;	/* waits for a spin lock: loses nothing */
	bool lost;	/* none is had; all are wanted back */
	uint32_t spins;		/* spin locks held: may not block */
	uint32_t lockmgrs;	/* lockmgr locks held: kept */
	uint64_t losses;	/* how often they were lost */
	struct tine__tokref refs[TINE__TOKENS_MAX];
};

void tine__token_init(struct tine__token *token,
    const struct tine__lockclass *cls);
/* Panics when somebody has it or wants it back. */
void tine__token_destroy(struct tine__token *token);
/* Take it, again if need be; may block and so lose all others meanwhile. */
void tine__token_get(struct tine__token *token, bool exclusive);
/* Take it if that needs no waiting. */
bool tine__token_tryget(struct tine__token *token);
/* Give the innermost token back; it must be this one. */
void tine__token_rel(struct tine__token *token);
/* Whether the current thread has it, exclusively or not. */
bool tine__token_held(const struct tine__token *token);
static inline bool
tine__token_owned(const struct tine__token *token)
{
	return (token->owner == tine__cur);
}

/* Lose all tokens, let others run, have all again: what a sleep that ends at
 * once does to them. */
void tine__tokens_yield(void);

/* A point at which the current thread may block for a moment, by choice: it
 * calls leave() then, loses its tokens, and has them again on return. */
void tine__point_alloc(void (*leave)(void));

static inline bool
tine__toks_none(const struct tine__toks *toks)
{
	return (toks->n == 0 && toks->spins == 0 && toks->lockmgrs == 0);
}

/* --- for the scheduler --- */

/* The current thread is about to block: its tokens are free for others. */
void tine__tokens_lose(struct tine__thread *self);
/* The current thread was resumed: back to where it has them. May block. */
void tine__tokens_regain(struct tine__thread *self);
/* The current thread is about to be switched from, still able to run. */
void tine__tokens_leave(struct tine__thread *self);
/* A thread is woken. @return whether it has to wait for tokens first; then it
 * is ready when they all are free. */
bool tine__tokens_wake(struct tine__thread *thread);
/* Whether the tokens that a thread has announced could be taken now. */
bool tine__tokens_available(const struct tine__thread *thread);

#endif
