/* SPDX-License-Identifier: MIT */
/* test_loop.c - machines on libuv loops, real time, events from outside. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "support/expect.h"

static const struct tine__lockclass class_nap = { "nap", 0, false };

#define MS UINT64_C(1000000)

static struct tine_options
options_long(void)
{
	struct tine_options options = options_random(5, 2);

	options.step_limit = 0;
	return (options);
}

/* --- a host loop with other things to do --- */

struct host {
	uv_loop_t loop;
	uv_timer_t timer;
	uv_pipe_t ends[2];
	unsigned timer_turns, pipe_turns, done;
	unsigned timer_at_done, pipe_at_done;
	uint64_t digest;
	enum tine_outcome outcome;
};

static void
on_host_timer(uv_timer_t *timer)
{
	struct host *host = timer->data;

	host->timer_turns++;
}

static void
alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	static char byte[16];

	(void)handle;
	(void)size;
	*buffer = uv_buf_init(byte, 1);
}

/* Whatever comes in at one end goes out at the other. */
static void
send_on(struct host *host, uv_stream_t *from)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)"x", 1);
	uv_stream_t *to = (uv_stream_t *)&host->ends[0];

	if (to == from)
		to = (uv_stream_t *)&host->ends[1];
	if (uv_try_write(to, &buffer, 1) == 1)
		host->pipe_turns++;
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	(void)buffer;
	if (n > 0)
		send_on(stream->data, stream);
}

static void
host_init(struct host *host)
{
	uv_file fds[2];
	unsigned i;

	memset(host, 0, sizeof(*host));
	assert_int_equal(uv_loop_init(&host->loop), 0);
	assert_int_equal(uv_timer_init(&host->loop, &host->timer), 0);
	host->timer.data = host;
	assert_int_equal(uv_socketpair(SOCK_STREAM, 0, fds,
	    UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(uv_pipe_init(&host->loop, &host->ends[i], 0),
		    0);
		host->ends[i].data = host;
		assert_int_equal(uv_pipe_open(&host->ends[i], fds[i]), 0);
		assert_int_equal(uv_read_start((uv_stream_t *)&host->ends[i],
		    alloc, on_read), 0);
	}
	assert_int_equal(uv_timer_start(&host->timer, on_host_timer, 1, 1),
	    0);
	send_on(host, (uv_stream_t *)&host->ends[0]);
}

static void
host_close(struct host *host)
{
	uv_close((uv_handle_t *)&host->timer, NULL);
	uv_close((uv_handle_t *)&host->ends[0], NULL);
	uv_close((uv_handle_t *)&host->ends[1], NULL);
}

static void
host_fini(struct host *host)
{
	assert_int_equal(uv_run(&host->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&host->loop), 0);
}

static void
on_done(struct tine_machine *machine, const struct tine_result *result,
    void *user)
{
	struct host *host = user;

	(void)machine;
	host->done++;
	host->timer_at_done = host->timer_turns;
	host->pipe_at_done = host->pipe_turns;
	host->digest = result->digest;
	host->outcome = result->outcome;
	host_close(host);
}

/* --- bodies --- */

static struct host *served;

/* A million steps; on a fast host, until its timer has had its turns. */
static void
body_million(void)
{
	unsigned i;

	for (i = 0; i < 1000000 || served->timer_turns < 5; i++)
		tine__yield();
}

static void
strolls(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < 3000; i++)
		tine__yield();
}

static void
body_strolls(void)
{
	kernel_thread("stroller", strolls, NULL);
	kernel_thread("stroller", strolls, NULL);
}

static void
body_for_ever(void)
{
	kernel_thread("stroller", strolls, NULL);
	for (;;)
		tine__yield();
}

static bool is_read, busy;

static void
strolls_until_read(void *arg)
{
	(void)arg;
	while (!is_read)
		tine__yield();
}

/* Says every piece as it comes, with what is between. */
static void
body_reads(void)
{
	const struct tine_termios raw = { 0 };
	struct tine__node *terminal;
	struct tine__uio uio;
	char text[64];

	is_read = false;
	if (busy)
		kernel_thread("stroller", strolls_until_read, NULL);
	tine__fs_boot(tine__machine());
	terminal = tine__fs_console(tine__machine());
	ASSERT(tine__node_ioctl(terminal, TINE_TCSETS,
	    (uintptr_t)&raw) == 0);
	for (;;) {
		memset(&uio, 0, sizeof(uio));
		uio.base = (uintptr_t)text;
		uio.resid = sizeof(text);
		ASSERT(tine__node_read(terminal, &uio, 0) == 0);
		if (uio.resid == sizeof(text))
			break;
		body_say("%.*s|", (int)(sizeof(text) - uio.resid), text);
		tine__yield();
	}
	body_say("end");
	is_read = true;
	tine__fs_halt(tine__machine());
}

static struct tine__obj nap_obj;

static void
nap(uint64_t ns)
{
	ASSERT3(tine__sleep(&nap_obj, "nap", 0, tine__now() + ns, NULL), ==,
	    TINE__TIMED_OUT);
}

static void
naps(void *arg)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		nap((uintptr_t)arg * MS);
		tine__yield();
	}
}

static void
body_naps(void)
{
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	tine__cur->pid = 7;	/* The trace tells who did a thing. */
	kernel_thread("napper", naps, (void *)(uintptr_t)2)->pid = 8;
	kernel_thread("napper", naps, (void *)(uintptr_t)3)->pid = 9;
	naps((void *)(uintptr_t)5);
}

static void
body_one_nap(void)
{
	tine__obj_init(&nap_obj, TINE__OBJ_CHAN, &class_nap);
	nap(30 * MS);
	kernel_thread("stroller", strolls, NULL);
	nap(5 * MS);
}

/* --- in the host's loop --- */

static void
the_host_stays_responsive_while_a_machine_is_busy(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct host host;

	(void)state;
	options.slice_steps = 1000;
	machine = body_machine(body_million, &options);
	served = &host;
	host_init(&host);
	assert_int_equal(tine_machine_start(machine, &host.loop, on_done,
	    &host), 0);
	assert_int_equal(host.done, 0);
	host_fini(&host);
	assert_int_equal(host.done, 1);
	assert_int_equal(host.outcome, TINE_OUTCOME_PASSED);
	/* A thousand slices, and the loop went round between all of them. */
	assert_true(host.timer_at_done >= 5);
	assert_true(host.pipe_at_done > 500);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
two_machines_share_a_loop(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machines[2];
	struct tine_result alone[2];
	struct host hosts[2];
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		options.seed = 50 + i;
		options.slice_steps = 7;
		machines[i] = body_machine(body_strolls, &options);
		assert_int_equal(tine_machine_run(machines[i], &alone[i]), 0);
	}
	assert_true(alone[0].digest != alone[1].digest);
	host_init(&hosts[0]);
	host_init(&hosts[1]);
	for (i = 0; i < 2; i++)
		assert_int_equal(tine_machine_start(machines[i],
		    &hosts[0].loop, on_done, &hosts[i]), 0);
	host_fini(&hosts[0]);
	host_fini(&hosts[1]);
	for (i = 0; i < 2; i++) {
		assert_int_equal(hosts[i].done, 1);
		assert_true(hosts[i].digest == alone[i].digest);
		assert_int_equal(tine_machine_destroy(machines[i]), 0);
	}
}

static unsigned rounds;

static void
again_or_destroy(struct tine_machine *machine,
    const struct tine_result *result, void *user)
{
	assert_int_equal(result->outcome, TINE_OUTCOME_PASSED);
	if (++rounds < 3)
		assert_int_equal(tine_machine_start(machine, user,
		    again_or_destroy, user), 0);
	else
		assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
when_done_a_machine_may_run_again_or_be_destroyed(void **state)
{
	struct tine_options options = options_long();
	uv_loop_t loop;

	(void)state;
	rounds = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(tine_machine_start(body_machine(body_strolls,
	    &options), &loop, again_or_destroy, &loop), 0);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(rounds, 3);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void
a_machine_in_a_loop_is_left_alone(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct host host;

	(void)state;
	machine = body_machine(body_strolls, &options);
	host_init(&host);
	assert_int_equal(tine_machine_start(machine, &host.loop, on_done,
	    &host), 0);
	expect_refused(tine_machine_start(machine, &host.loop, on_done,
	    &host), -TINE_ESTATE, "running");
	expect_refused(tine_machine_run(machine, NULL), -TINE_ESTATE,
	    "running");
	expect_refused(tine_machine_destroy(machine), -TINE_ESTATE,
	    "running");
	expect_refused(tine_machine_spawn(machine, "x", NULL), -TINE_ESTATE,
	    "running");
	expect_refused(tine_machine_input(machine, "x", 1), -TINE_ESTATE,
	    "interactive");
	expect_refused(tine_machine_kill(machine, 1, 0), -TINE_EINVAL,
	    "no such signal");
	expect_refused(tine_machine_kill(machine, 1, 65), -TINE_EINVAL,
	    "no such signal");
	host_fini(&host);
	assert_int_equal(host.done, 1);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

/* --- from another host thread --- */

struct other {
	uv_thread_t thread;
	struct tine_machine *machine;
	void (*act)(struct tine_machine *machine);
};

static void
other_main(void *arg)
{
	struct other *other = arg;

	other->act(other->machine);
}

/* Run a machine while another host thread acts on it. */
static void
run_with(kernel_body body, const struct tine_options *options,
    void (*act)(struct tine_machine *machine), struct tine_result *result,
    struct tine_machine **out)
{
	struct other other;

	other.machine = *out = body_machine(body, options);
	other.act = act;
	assert_int_equal(uv_thread_create(&other.thread, other_main, &other),
	    0);
	assert_int_equal(tine_machine_run(*out, result), 0);
	assert_int_equal(uv_thread_join(&other.thread), 0);
}

/* What happened from outside happens again, without anybody outside. */
static void
replays(kernel_body body, struct tine_machine *machine,
    const struct tine_result *result)
{
	struct tine_options options = options_long();
	struct tine_result again;
	char said[4096];

	strcpy(said, body_said());
	options.token = result->token;
	options.slice_steps = 13;
	machine = body_machine(body, &options);
	assert_int_equal(tine_machine_run(machine, &again), 0);
	assert_string_equal(body_said(), said);
	assert_string_equal(again.message, result->message);
	assert_string_equal(again.token, result->token);
	assert_true(again.digest == result->digest);
	assert_true(again.steps == result->steps);
	assert_true(again.time_ns == result->time_ns);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
until_accepted(struct tine_machine *machine, const char *text)
{
	while (tine_machine_input(machine, text, text == NULL ? 0 :
	    strlen(text)) != 0)
		(void)sched_yield();
}

static void
types_three_lines(struct tine_machine *machine)
{
	until_accepted(machine, "one");
	until_accepted(machine, "two");
	(void)sched_yield();
	until_accepted(machine, "three");
	until_accepted(machine, NULL);
}

static void
input_arrives_and_is_replayed(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result result;
	const char *from;
	char text[64], *to;
	unsigned i;

	(void)state;
	options.interactive = true;
	for (i = 0; i < 30; i++) {
		busy = i % 2;
		options.slice_steps = 1 + i * 10;
		run_with(body_reads, &options, types_three_lines, &result,
		    &machine);
		/* In whatever pieces: nothing is lost or out of order. */
		for (to = text, from = body_said(); *from != '\0'; from++)
			if (*from != '|')
				*to++ = *from;
		*to = '\0';
		assert_string_equal(text, "onetwothreeend");
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		replays(body_reads, machine, &result);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
kills_twice_and_stops(struct tine_machine *machine)
{
	while (tine_machine_kill(machine, 100, 2) != 0)
		(void)sched_yield();
	(void)tine_machine_kill(machine, 101, 15);
	(void)sched_yield();
	(void)tine_machine_stop(machine);
}

static void
signals_and_the_stop_arrive_and_are_replayed(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result result;
	unsigned i;

	(void)state;
	for (i = 0; i < 30; i++) {
		options.slice_steps = 1 + i * 10;
		run_with(body_for_ever, &options, kills_twice_and_stops,
		    &result, &machine);
		assert_int_equal(result.outcome, TINE_OUTCOME_STOPPED);
		expect_in(result.message, "stopped from outside");
		replays(body_for_ever, machine, &result);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

static void
stops(struct tine_machine *machine)
{
	while (tine_machine_stop(machine) != 0)
		(void)sched_yield();
}

static void
a_machine_that_waits_for_input_can_be_stopped(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result result;

	(void)state;
	busy = false;
	options.interactive = true;
	run_with(body_reads, &options, stops, &result, &machine);
	assert_int_equal(result.outcome, TINE_OUTCOME_STOPPED);
	replays(body_reads, machine, &result);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static unsigned refusals;

static void
types_too_much(struct tine_machine *machine)
{
	static char text[65537];

	memset(text, 'x', sizeof(text));
	until_accepted(machine, "");
	refusals = tine_machine_input(machine, text, 65537) == -TINE_EINVAL;
	refusals += tine_machine_input(machine, text, 65536) == 0;
	until_accepted(machine, NULL);
}

static void
input_is_taken_in_pieces_of_64_kib(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result result;

	(void)state;
	busy = false;
	options.interactive = true;
	run_with(body_reads, &options, types_too_much, &result, &machine);
	assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
	assert_int_equal(refusals, 2);
	replays(body_reads, machine, &result);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
who_waits_for_input_in_no_loop_finds_its_end(void **state)
{
	struct tine_options options = options_long();

	(void)state;
	busy = false;
	expect_outcome(TINE_OUTCOME_PASSED, body_reads, &options, NULL);
}

/* --- real time --- */

static void
real_time_changes_the_pace_and_nothing_else(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result fast, slow;
	uint64_t before;

	(void)state;
	machine = body_machine(body_naps, &options);
	assert_int_equal(tine_machine_run(machine, &fast), 0);
	assert_int_equal(fast.outcome, TINE_OUTCOME_PASSED);
	assert_true(fast.time_ns == 15 * MS);
	options.realtime_ns_per_ms = MS;
	before = uv_hrtime();
	machine = body_machine(body_naps, &options);
	assert_int_equal(tine_machine_run(machine, &slow), 0);
	/* How much later than that is the host's affair. */
	assert_true(uv_hrtime() - before > 5 * MS);
	assert_int_equal(slow.outcome, TINE_OUTCOME_PASSED);
	assert_true(slow.digest == fast.digest);
	assert_true(slow.time_ns == fast.time_ns);
	assert_string_equal(slow.token, fast.token);
	replays(body_naps, machine, &slow);
	assert_int_equal(tine_machine_destroy(machine), 0);
}

static void
types_while_it_sleeps(struct tine_machine *machine)
{
	until_accepted(machine, "x");
	while (tine_machine_input(machine, "y", 1) == 0)
		(void)usleep(2000);
}

static void
what_comes_during_a_sleep_neither_ends_nor_lengthens_it(void **state)
{
	struct tine_options options = options_long();
	struct tine_machine *machine;
	struct tine_result result;
	unsigned i;

	(void)state;
	options.interactive = true;
	options.realtime_ns_per_ms = MS;
	for (i = 0; i < 3; i++) {
		run_with(body_one_nap, &options, types_while_it_sleeps,
		    &result, &machine);
		assert_int_equal(result.outcome, TINE_OUTCOME_PASSED);
		assert_true(result.time_ns >= 35 * MS);
		replays(body_one_nap, machine, &result);
		assert_int_equal(tine_machine_destroy(machine), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_host_stays_responsive_while_a_machine_is_busy),
		cmocka_unit_test(two_machines_share_a_loop),
		cmocka_unit_test(
		    when_done_a_machine_may_run_again_or_be_destroyed),
		cmocka_unit_test(a_machine_in_a_loop_is_left_alone),
		cmocka_unit_test(input_arrives_and_is_replayed),
		cmocka_unit_test(
		    signals_and_the_stop_arrive_and_are_replayed),
		cmocka_unit_test(
		    a_machine_that_waits_for_input_can_be_stopped),
		cmocka_unit_test(input_is_taken_in_pieces_of_64_kib),
		cmocka_unit_test(who_waits_for_input_in_no_loop_finds_its_end),
		cmocka_unit_test(real_time_changes_the_pace_and_nothing_else),
		cmocka_unit_test(
		    what_comes_during_a_sleep_neither_ends_nor_lengthens_it),
	};
	int failed = cmocka_run_group_tests_name("loop", tests, NULL, NULL);

	kernel_end();
	return (failed);
}
