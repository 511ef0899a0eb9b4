/* SPDX-License-Identifier: MIT */
/*
 * lwp.c - LWPs as programs see them: who gives them a stack, and takes it back.
 *
 * The kernel runs an LWP on whatever stack it is told. The library takes that
 * from mmap, with a page below it that nobody may touch, and keeps a list of
 * all that it took. A stack is free again when its LWP was waited for: only
 * then is it certain that the LWP no longer runs on it. An LWP that nobody
 * waits for keeps its stack until the process ends, as an unjoined thread does;
 * one that was detached gives it to the next LWP that is made after its end.
 */
#include <errno.h>
#include <string.h>

#include <tine/process.h>
#include <tine/signal.h>

#include "proc/flavour.h"
#include "user/user.h"
#include "vm/vm.h"

/* Lies above the stack that it describes, where an overflow does not reach. */
struct tine__stack {
	struct tine__stack *next;
	int lwp;		/* whose it is; 0 before that one has begun */
	uint32_t born;		/* when that was: numbers come again */
	bool used;
	bool detached;		/* free when that LWP is gone */
	tine_lwp_fn fn;
	void *arg;
	struct tine__tls tls;
} __attribute__((aligned(16)));

static bool
holds(const struct tine__stack *stack, uintptr_t address)
{
	const uintptr_t top = (uintptr_t)stack;

	return address < top && address >= top - TINE__STACK_SIZE;
}

/*
 * In a child of fork only the LWP that called fork goes on: all other stacks
 * are free. After forkall they are not. The child finds out when it wants its
 * first stack.
 */
static void
reclaim(struct tine__library *lib)
{
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	const int self = tine_sys_lwp_self();
	struct tine__stack *stack;

	for (stack = lib->stacks; stack != NULL; stack = stack->next) {
		if (holds(stack, here))
			stack->lwp = self;
		else
			stack->used = stack->used && stack->lwp != 0 &&
			    stack->lwp != self &&
			    tine_sys_lwp_kill(stack->lwp, 0) == 0;
	}
	lib->stacks_of = tine__library_space();
}

/* Whether the LWP that nobody waits for is off its stack. */
static bool
left(const struct tine__stack *stack)
{
	return stack->detached && stack->lwp != 0 &&
	    tine_sys_lwp_kill(stack->lwp, 0) == -ESRCH;
}

bool
tine__library_threads(const struct tine__library *lib)
{
	const struct tine__stack *stack = lib == NULL ? NULL : lib->stacks;

	while (stack != NULL && !stack->used)
		stack = stack->next;
	return stack != NULL;
}

bool
tine__solaris(void)
{
	const struct tine_options *options = tine__cur == NULL ? NULL :
	    tine__machine_options(tine__cur->machine);

	return options != NULL && (options->kernel == TINE_KERNEL_ILLUMOS ||
	    options->kernel == TINE_KERNEL_OPENSOLARIS);
}

/* @return NULL when there is no memory. */
static struct tine__stack *
take(struct tine__library *lib)
{
	struct tine__stack *stack;
	char *memory;

	if (lib->stacks_of != tine__library_space())
		reclaim(lib);
	for (stack = lib->stacks; stack != NULL; stack = stack->next) {
		if (!stack->used || left(stack)) {
			stack->lwp = 0;
			stack->used = true;
			stack->detached = false;
			return stack;
		}
	}
	memory = (char *)tine__sys3(mmap, TINE__PAGE + TINE__STACK_SIZE,
	    TINE_PROT_READ | TINE_PROT_WRITE, TINE__PAGE);
	if (tine_sys_failed(memory))
		return NULL;
	stack = (struct tine__stack *)(void *)(memory + TINE__PAGE +
	    TINE__STACK_SIZE) - 1;
	stack->lwp = 0;
	stack->used = true;
	stack->detached = false;
	stack->next = lib->stacks;
	lib->stacks = stack;
	return stack;
}

/* The first thing that an LWP runs. */
static void
begin(void *arg)
{
	struct tine__library *lib = tine__library_peek();
	struct tine__stack *stack = arg;

	tine__tls_set(&stack->tls);
	if (lib != NULL)
		stack->born = __atomic_add_fetch(&lib->begun, 1,
		    __ATOMIC_RELAXED);
	stack->lwp = tine_sys_lwp_self();
	stack->tls.lwp = (uint32_t)stack->lwp + 1;
	stack->fn(stack->arg);
	tine_sys_lwp_exit();
}

int
tine__lwp_start(tine_lwp_fn fn, void *arg, unsigned flags,
    const struct tine__tls *tls, uintptr_t *out)
{
	struct tine__library *lib = tine__library();
	struct tine__stack *stack;
	int64_t lwp;

	if (lib == NULL)
		return tine__library_space() == 0 ? -EPERM : -ENOMEM;
	tine__library_lock(lib);
	stack = take(lib);
	tine__library_unlock(lib);
	if (stack == NULL)
		return -ENOMEM;
	stack->fn = fn;
	stack->arg = arg;
	stack->detached = (flags & TINE_LWP_DETACHED) != 0;
	if (tls != NULL)
		stack->tls = *tls;
	else
		memset(&stack->tls, 0, sizeof(stack->tls));
	/* Before it begins, which may want to know. */
	if (out != NULL)
		*out = (uintptr_t)&stack->tls;
	lwp = tine__sys5(lwp_create, (uintptr_t)begin, (uintptr_t)stack,
	    (uintptr_t)stack, (uintptr_t)tine_sys_lwp_exit, flags);
	if (lwp < 0) {
		stack->used = false;
		return (int)lwp;
	}
	return (int)lwp;
}

int
tine_sys_lwp_create(tine_lwp_fn fn, void *arg)
{
	return tine__lwp_start(fn, arg, 0, NULL, NULL);
}

int
tine_sys_lwp_create_flags(tine_lwp_fn fn, void *arg, unsigned flags)
{
	return tine__lwp_start(fn, arg, flags, NULL, NULL);
}

/*
 * The number may be another LWP's already, which runs on a stack of its own: of
 * the stacks with that number the oldest is free. Nobody gets a number anew
 * before somebody was told of the end of the one that had it.
 */
int
tine_sys_lwp_wait(int lwp)
{
	const int ended = (int)tine__sys1(lwp_wait, (int64_t)lwp);
	struct tine__library *lib = ended > 0 ? tine__library_peek() : NULL;
	struct tine__stack *stack, *oldest = NULL;

	if (lib == NULL)
		return ended;
	tine__library_lock(lib);
	for (stack = lib->stacks; stack != NULL; stack = stack->next)
		if (stack->used && !stack->detached && stack->lwp == ended &&
		    (oldest == NULL ||
		    (int32_t)(stack->born - oldest->born) < 0))
			oldest = stack;
	if (oldest != NULL)
		oldest->used = false;
	tine__library_unlock(lib);
	return ended;
}

int
tine_sys_lwp_detach(int lwp)
{
	struct tine__library *lib = tine__library_peek();
	struct tine__stack *stack;
	int error;

	if (lib == NULL)
		return (int)tine__sys1(lwp_detach, (int64_t)lwp);
	tine__library_lock(lib);
	error = (int)tine__sys1(lwp_detach, (int64_t)lwp);
	for (stack = lib->stacks; stack != NULL && error == 0;
	    stack = stack->next)
		if (stack->used && stack->lwp == lwp)
			stack->detached = true;
	tine__library_unlock(lib);
	return error;
}

int
tine__lwp_join(struct tine__tls *tls, void **result)
{
	struct tine__library *lib = tine__library_peek();
	struct tine__stack *stack;
	int ended;

	/* Before the LWP itself has entered its number. */
	while (tls->lwp == 0)
		tine_sys_yield();
	ended = (int)tine__sys1(lwp_wait, (int64_t)tls->lwp - 1);
	if (ended < 0)
		return ended;
	if (result != NULL)
		*result = tls->result;
	for (stack = lib == NULL ? NULL : lib->stacks; stack != NULL;
	    stack = stack->next)
		if (&stack->tls == tls)
			stack->used = false;
	return 0;
}
