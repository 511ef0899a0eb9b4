/* SPDX-License-Identifier: MIT */
/*
 * test_explore_programs.c - the partial-order search on machines with programs.
 *
 * Small programs whose result depends on the order of what they do. Where the
 * kernel is not preempted all their schedules can be run, and the partial-order
 * search has to come to the same ends. Where it is, nobody can run them all:
 * there walks must not come to an end that the search, when it is exhausted,
 * has not seen.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "explore/dpor.h"
#include "machine/machine.h"

/* The trap that returns twice on one stack, and tells the compiler. */
extern int64_t trap_twice(uint64_t number, uint64_t a0, uint64_t a1,
    uint64_t a2, uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice, visibility("hidden")));

/* --- the programs --- */

static int
po_reap(int argc, char **argv)
{
	int status, first, second;

	(void)argc;
	(void)argv;
	first = tine_sys_fork();
	if (first == 0)
		return (1);
	second = tine_sys_fork();
	if (second == 0)
		return (2);
	first = tine_sys_wait(&status);
	second = status;
	(void)first;
	(void)tine_sys_wait(&status);
	return (WEXITSTATUS(second));
}
TINE_PROGRAM(po_reap, "which child is reaped first");

static int
po_kill(int argc, char **argv)
{
	int child, status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0) {
		(void)tine_sys_getpid();
		return (5);
	}
	(void)tine_sys_kill(child, SIGKILL);
	if (tine_sys_wait(&status) != child)
		return (99);
	return (WIFSIGNALED(status) ? 40 + WTERMSIG(status) :
	    WEXITSTATUS(status));
}
TINE_PROGRAM(po_kill, "whether the child ends or is killed");

static int
po_poll(int argc, char **argv)
{
	int child, status, tries = 0;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		return (7);
	while (tries < 3 && tine_sys_waitpid(child, &status, TINE_WNOHANG) == 0)
		tries++;
	if (tries == 3)
		(void)tine_sys_wait(&status);
	return (tries);
}
TINE_PROGRAM(po_poll, "how often the parent looks in vain");

static int
po_print(int argc, char **argv)
{
	int status;

	(void)argc;
	(void)argv;
	if (tine_sys_fork() == 0) {
		(void)tine_sys_write(1, "c", 1);
		(void)tine_sys_write(1, "d", 1);
		return (0);
	}
	(void)tine_sys_write(1, "p", 1);
	(void)tine_sys_wait(&status);
	return (0);
}
TINE_PROGRAM(po_print, "who prints first");

static volatile int shared_word;

static void
po_adds(void *arg)
{
	int before = shared_word;

	(void)tine_sys_getpid();
	shared_word = before + (int)(uintptr_t)arg;
}

static int
po_lwps(int argc, char **argv)
{
	int lwp;

	(void)argc;
	(void)argv;
	shared_word = 0;
	lwp = tine_sys_lwp_create(po_adds, (void *)(uintptr_t)1);
	if (lwp < 0)
		return (98);
	po_adds((void *)(uintptr_t)2);
	if (tine_sys_lwp_wait(lwp) < 0)
		return (99);
	return (shared_word);
}
TINE_PROGRAM(po_lwps, "two LWPs that add to one word");

static int
po_vfork(int argc, char **argv)
{
	volatile int word = 1;
	int child, status;

	(void)argc;
	(void)argv;
	child = (int)trap_twice(TINE__SYS_vforkx, 0, 0, 0, 0, 0);
	if (child == 0) {
		word = 2;
		tine_sys_exit(3);
	}
	(void)tine_sys_wait(&status);
	return (10 * word + WEXITSTATUS(status));
}
TINE_PROGRAM(po_vfork, "a child that borrows the space");

static int
po_orphan(int argc, char **argv)
{
	int child;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		(void)tine_sys_write(1, tine_sys_getppid() == 1 ? "o" : "c", 1);
	return (0);
}
TINE_PROGRAM(po_orphan, "a child whose parent may be gone");

static int
po_shared(int argc, char **argv)
{
	volatile int *word;
	int status;

	(void)argc;
	(void)argv;
	word = tine_sys_mmap_flags(NULL, 4096, TINE_PROT_READ |
	    TINE_PROT_WRITE, TINE_MAP_SHARED);
	if (tine_sys_fork() == 0) {
		*word = *word * 2 + 1;
		return (0);
	}
	*word = *word + 3;
	(void)tine_sys_wait(&status);
	return (*word);
}
TINE_PROGRAM(po_shared, "two processes that write to one page");

/* --- the ends that a search comes to --- */

enum { ENDS = 256 };

struct ends {
	uint64_t set[ENDS];
	size_t n;
	struct tine_machine *machine;
	struct tine_explore_result result;
};

static bool
has(const struct ends *e, uint64_t end)
{
	size_t i;

	for (i = 0; i < e->n && e->set[i] != end; i++)
		continue;
	return (i < e->n);
}

static int
note_end(void *user, const struct tine_explore_run *run)
{
	struct ends *e = user;
	const struct tine_machine *m = e->machine;
	uint64_t end = tine__mix(run->outcome, (uint32_t)m->spawns[0].status);
	size_t i;

	/* whatever moves a thread has been announced */
	if (m->explorer != NULL && m->explorer->dpor != NULL)
		assert_int_equal(m->explorer->result.strays, 0);
	for (i = 0; i < m->console.size; i++)
		end = tine__mix(end, (unsigned char)m->console.data[i]);
	if (!has(e, end)) {
		assert_true(e->n < ENDS);
		e->set[e->n++] = end;
	}
	return (0);
}

/* Not 0: of each schedule of a partial-order search the same events once more,
 * in another order that keeps what depends on what. */
static uint64_t shuffle;

static void
search(struct ends *e, const char *program, const struct tine_options *o,
    enum tine_search how, uint64_t schedules)
{
	struct tine_explore_options options;
	struct tine_explorer *explorer;

	memset(e, 0, sizeof(*e));
	assert_int_equal(tine_machine_create(o, &e->machine), 0);
	assert_int_equal(tine_machine_spawn(e->machine, program, NULL), 0);
	tine_explore_options_init(&options);
	options.search = how;
	options.keep_going = true;
	options.shrink = false;
	options.each = note_end;
	options.user = e;
	if (tine_explorer_create(e->machine, &options, &explorer) != 0)
		fail_msg("%s", tine_error_message());
	if (explorer->dpor != NULL)
		explorer->dpor->shuffle = shuffle;
	e->result.size = sizeof(e->result);
	if (tine_explorer_run(explorer, schedules, &e->result) != 0)
		fail_msg("%s", tine_error_message());
	if (e->result.failures != 0)
		print_message("%s %s: %s\n", program, tine_search_name(how),
		    e->result.message);
	tine_explorer_destroy(explorer);
	assert_int_equal(tine_machine_destroy(e->machine), 0);
}

static const char *const programs[] = {
	"po_reap", "po_kill", "po_poll", "po_print", "po_lwps", "po_vfork",
	"po_orphan", "po_shared"
};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

/* Both searches of one program; of the second no more schedules than most, 0:
 * to its end. Returns whether it has several ends. */
static bool
compare(const char *program, const struct tine_options *o, uint64_t most)
{
	static struct ends all, few;
	size_t j;

	search(&all, program, o, TINE_SEARCH_DFS, 3000);
	search(&few, program, o, TINE_SEARCH_DPOR, most != 0 ? most : 20000);
	print_message("%s, %s, %u CPUs: %" PRIu64 " schedules, %zu ends; %"
	    PRIu64 " and %" PRIu64 " cut, %zu ends\n", program,
	    tine_kernel_name(o->kernel), o->ncpu, all.result.schedules, all.n,
	    few.result.schedules, few.result.redundant, few.n);
	assert_true(few.result.exhausted || most != 0);
	for (j = 0; j < all.n; j++)
		assert_true(has(&few, all.set[j]));
	if (all.result.exhausted) {
		assert_int_equal(all.n, few.n);
		assert_true(few.result.schedules <= all.result.schedules);
	}
	return (few.n > 1);
}

static void
where_all_schedules_can_be_run_the_search_comes_to_the_same_ends(void **state)
{
	struct tine_options o;
	unsigned kernel;
	size_t i, several;

	(void)state;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++) {
		tine_options_init(&o);
		o.kernel = (enum tine_kernel)kernel;
		o.preempt = TINE_PREEMPT_NEVER;
		several = 0;
		for (i = 0; i < PROGRAMS; i++)
			several += compare(programs[i], &o, 0);
		assert_true(several >= 4);
	}
}

/* With two CPUs the first few thousand schedules of all are a beginning. Of
 * DragonFly's kernel there are too many: who waits for holds to go, and for a
 * thread to be off its stack, looks for itself. */
static void
with_fewer_cpus_than_threads_it_misses_no_end_either(void **state)
{
	static const struct {
		enum tine_kernel kernel;
		const char *program;
		uint64_t most;
	} small[] = {
		{ TINE_KERNEL_ILLUMOS, "po_kill", 0 },
		{ TINE_KERNEL_ILLUMOS, "po_poll", 0 },
		{ TINE_KERNEL_ILLUMOS, "po_print", 0 },
		{ TINE_KERNEL_OPENSOLARIS, "po_print", 0 },
		{ TINE_KERNEL_DRAGONFLY, "po_kill", 2000 },
		{ TINE_KERNEL_DRAGONFLY, "po_poll", 2000 },
		{ TINE_KERNEL_DRAGONFLY, "po_print", 2000 },
		{ TINE_KERNEL_NETBSD, "po_vfork", 0 },
		{ TINE_KERNEL_NETBSD, "po_kill", 0 },
	};
	struct tine_options o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		tine_options_init(&o);
		o.kernel = small[i].kernel;
		o.ncpu = 2;
		(void)compare(small[i].program, &o, small[i].most);
	}
}

static int
po_fork_wait(int argc, char **argv)
{
	int child, status;

	(void)argc;
	(void)argv;
	child = tine_sys_fork();
	if (child == 0)
		return (0);
	tine_check(tine_sys_wait(&status) == child);
	return (0);
}
TINE_PROGRAM(po_fork_wait, "fork, exit, wait");

/*
 * So few schedules are there of a fork, an exit and a wait: on one CPU; and on
 * as many as there are, fewer than threads or not. A kernel that changes may
 * need a few more.
 */
static void
all_schedules_of_a_fork_and_a_wait_are_few(void **state)
{
	static const struct {
		unsigned kernel, one, more;
	} few[] = {
		{ TINE_KERNEL_ILLUMOS, 11, 15 },
		{ TINE_KERNEL_OPENSOLARIS, 11, 435 },
		{ TINE_KERNEL_DRAGONFLY, 4, 0 },	/* 38,448 */
		{ TINE_KERNEL_NETBSD, 13, 321 },
	};
	static struct ends ends;
	struct tine_options o;
	uint64_t wide = 0;
	unsigned i, ncpu;

	(void)state;
	for (i = 0; i < sizeof(few) / sizeof(few[0]); i++)
		for (ncpu = 6; ncpu != 0; ncpu--) {
			tine_options_init(&o);
			o.kernel = (enum tine_kernel)few[i].kernel;
			o.ncpu = ncpu;
			search(&ends, "po_fork_wait", &o, TINE_SEARCH_DPOR,
			    ncpu == 1 || few[i].more != 0 ? 20000 : 1000);
			print_message("%s, %u CPUs: %" PRIu64 "\n",
			    tine_kernel_name(o.kernel), ncpu,
			    ends.result.schedules);
			assert_int_equal(ends.result.failures, 0);
			assert_int_equal(ends.n, 1);
			if (ncpu != 1 && few[i].more == 0)
				continue;
			assert_true(ends.result.exhausted);
			if (ncpu == 6 || few[i].more == 0)
				wide = ends.result.schedules;
			assert_true(ends.result.schedules > 1);
			assert_true(ends.result.schedules <= wide);
			assert_true(ends.result.schedules <=
			    2 * (ncpu == 1 ? few[i].one : few[i].more));
		}
}

static int
make_fork_wait(void *user, unsigned member, struct tine_machine **out)
{
	const char *argv[] = { "po_fork_wait", NULL };
	int error;

	(void)member;
	error = tine_machine_create(user, out);
	return (error != 0 ? error :
	    tine_machine_spawn(*out, argv[0], argv));
}

/* By so many workers, in so many shards. */
static uint64_t
by_several(struct tine_options *o, unsigned workers, unsigned shards)
{
	struct tine_explore_options options;
	struct tine_explore_result result;
	uint64_t schedules = 0;
	struct tine_team *team;
	unsigned i;

	tine_explore_options_init(&options);
	options.shards = shards;
	for (i = 0; i < shards; i++) {
		options.shard = i;
		assert_int_equal(tine_team_create(&options, workers,
		    make_fork_wait, o, &team), 0);
		result.size = sizeof(result);
		assert_int_equal(tine_team_run(team, 0, &result), 0);
		assert_true(result.exhausted);
		assert_int_equal(result.failures, 0);
		schedules += result.schedules;
		tine_team_destroy(team);
	}
	print_message("%s, %u CPUs, %u workers, %u shards: %" PRIu64 "\n",
	    tine_kernel_name(o->kernel), o->ncpu, workers, shards, schedules);
	return (schedules);
}

static void
several_workers_and_shards_explore_programs_of_all_kernels(void **state)
{
	static const struct {
		enum tine_kernel kernel;
		unsigned ncpu;
	} all[] = {
		{ TINE_KERNEL_ILLUMOS, 1 }, { TINE_KERNEL_ILLUMOS, 6 },
		{ TINE_KERNEL_OPENSOLARIS, 6 }, { TINE_KERNEL_DRAGONFLY, 1 },
		{ TINE_KERNEL_NETBSD, 1 }, { TINE_KERNEL_NETBSD, 6 },
		{ TINE_KERNEL_NETBSD, 2 },
	};
	struct tine_options o;
	uint64_t one;
	unsigned i, n;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		tine_options_init(&o);
		o.kernel = all[i].kernel;
		o.ncpu = all[i].ncpu;
		one = by_several(&o, 1, 1);
		for (n = 2; n <= 3; n++) {
			assert_int_equal(by_several(&o, n, 1), one);
			assert_true(by_several(&o, n - 1, n) >= one);
		}
	}
}

/*
 * What is called independent commutes: a thread comes to the same operations
 * in any order of the others' that keeps those on which it depends.
 */
static void
what_a_thread_does_depends_on_nothing_unannounced(void **state)
{
	static struct ends ends;
	struct tine_options o;
	unsigned kernel, ncpu;
	size_t i;

	(void)state;
	for (kernel = 0; kernel < TINE_KERNEL_COUNT; kernel++)
		for (ncpu = 1; ncpu <= 6; ncpu += 5)
			for (i = 0; i < PROGRAMS; i++) {
				tine_options_init(&o);
				o.kernel = (enum tine_kernel)kernel;
				o.ncpu = ncpu;
				shuffle = kernel + i + 1;
				search(&ends, programs[i], &o,
				    TINE_SEARCH_DPOR, 100);
				shuffle = 0;
			}
}

static void
po_forks_too(void *arg)
{
	int child = tine_sys_fork();

	(void)arg;
	if (child == 0)
		tine_sys_exit(0);
	tine_check(tine_sys_waitpid(child, NULL, 0) == child);
}

static int
po_forks(int argc, char **argv)
{
	int lwp = tine_sys_lwp_create(po_forks_too, NULL);

	(void)argc;
	(void)argv;
	po_forks_too(NULL);
	tine_check(tine_sys_lwp_wait(lwp) == lwp);
	return (0);
}
TINE_PROGRAM(po_forks, "two LWPs that fork");

/* How an allocation blocks is chosen after several tokens were had back. */
static void
a_choice_in_an_event_that_needs_several_tokens_is_made_otherwise(void **state)
{
	static struct ends ends;
	struct tine_options o;

	(void)state;
	tine_options_init(&o);
	o.kernel = TINE_KERNEL_DRAGONFLY;
	search(&ends, "po_forks", &o, TINE_SEARCH_DPOR, 2000);
	assert_int_equal(ends.result.failures, 0);
	assert_int_equal(ends.n, 1);
}

/* Walks through the schedules of those programs, once all were searched. */
static void
walk(const char *const *names, size_t n, unsigned ncpu)
{
	static struct ends seen, few;
	static const enum tine_search walks[] = { TINE_SEARCH_RANDOM,
	    TINE_SEARCH_PCT, TINE_SEARCH_POS };
	struct tine_options o;
	size_t i, j, k;

	tine_options_init(&o);
	o.ncpu = ncpu;
	for (i = 0; i < n; i++) {
		search(&few, names[i], &o, TINE_SEARCH_DPOR, 20000);
		print_message("%s, %u CPUs: %" PRIu64 " and %" PRIu64
		    " cut, %zu ends\n", names[i], ncpu,
		    few.result.schedules, few.result.redundant, few.n);
		assert_true(few.result.exhausted);
		for (k = 0; k < 3; k++) {
			search(&seen, names[i], &o, walks[k], 500);
			for (j = 0; j < seen.n; j++)
				assert_true(has(&few, seen.set[j]));
		}
	}
}

static void
walks_find_no_end_that_the_search_has_not_seen(void **state)
{
	/* with several, what can be run in a second or two */
	static const char *const small[] = { "po_print" };

	(void)state;
	walk(programs, PROGRAMS, 1);
	walk(small, 1, 2);
	walk(small, 1, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
	    where_all_schedules_can_be_run_the_search_comes_to_the_same_ends),
		cmocka_unit_test(
		    with_fewer_cpus_than_threads_it_misses_no_end_either),
		cmocka_unit_test(
		    several_workers_and_shards_explore_programs_of_all_kernels),
		cmocka_unit_test(
		    what_a_thread_does_depends_on_nothing_unannounced),
		cmocka_unit_test(
	    a_choice_in_an_event_that_needs_several_tokens_is_made_otherwise),
		cmocka_unit_test(all_schedules_of_a_fork_and_a_wait_are_few),
		cmocka_unit_test(
		    walks_find_no_end_that_the_search_has_not_seen),
	};

	return (cmocka_run_group_tests_name("explore_programs", tests, NULL,
	    NULL));
}
