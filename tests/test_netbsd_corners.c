/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_corners.c - calls beside fork at their edges: keys of segments,
 * modes of descriptors, blocks of LWPs that are gone, timers that are not set,
 * numbers when the table of pids grows.
 */
#include <signal.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/signal.h>

#include "netbsd_rig.h"

NB_PROGRAM(nb_keys, "segments by key")
{
	const int create = TINE_IPC_CREAT | 0600;
	int id;

	tine_check(tine_sys_shmget(7, 4096, 0600) == -ENOENT);
	tine_check(tine_sys_shmget(7, 4096, TINE_IPC_EXCL | 0600) == -ENOENT);
	id = tine_sys_shmget(7, 8192, create | TINE_IPC_EXCL);
	tine_check(id >= 0);
	/* It is there: only both flags together refuse it. */
	tine_check(tine_sys_shmget(7, 4096, 0600) == id);
	tine_check(tine_sys_shmget(7, 4096, create) == id);
	tine_check(tine_sys_shmget(7, 4096, TINE_IPC_EXCL | 0600) == id);
	tine_check(tine_sys_shmget(7, 4096, create | TINE_IPC_EXCL) ==
	    -EEXIST);
	tine_check(tine_sys_shmget(7, 8193, 0600) == -EINVAL);
	/* None is empty, none is larger than a gigabyte. */
	tine_check(tine_sys_shmget(8, 0, create) == -EINVAL);
	tine_check(tine_sys_shmget(8, (1u << 30) + 1, create) == -EINVAL);
	tine_check(tine_sys_shmctl(tine_sys_shmget(8, 1u << 30, create),
	    TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmctl(id, TINE_IPC_RMID, NULL) == 0);
	tine_check(tine_sys_shmget(7, 4096, 0600) == -ENOENT);
	return (0);
}

/* spec: NB-076 NB-077 */
NB_TEST(a_segment_is_found_by_its_key)
{
	nb_passes("nb_keys");
}

NB_PROGRAM(nb_modes, "descriptors that are open for one thing only")
{
	const int create = TINE_O_CREAT;
	int r, w, rw;
	char c = 'x';

	w = tine_sys_open("/modes", TINE_O_WRONLY | create, 0600);
	r = tine_sys_open("/modes", TINE_O_RDONLY, 0);
	rw = tine_sys_open("/modes", TINE_O_RDWR, 0);
	tine_check(tine_sys_write(w, &c, 1) == 1);
	tine_check(tine_sys_read(w, &c, 1) == -EBADF);
	tine_check(tine_sys_write(r, &c, 1) == -EBADF);
	tine_check(tine_sys_read(r, &c, 1) == 1 && c == 'x');
	tine_check(tine_sys_write(rw, &c, 1) == 1);
	tine_check(tine_sys_lseek(rw, 0, TINE_SEEK_SET) == 0);
	tine_check(tine_sys_read(rw, &c, 1) == 1);
	return (0);
}

/* spec: NB-022 */
NB_TEST(a_descriptor_does_what_it_was_opened_for)
{
	nb_passes("nb_modes");
}

static TINE_DATA void *block;

static void
takes_a_block(void *arg)
{
	(void)arg;
	block = tine_sys_lwp_ctl();
}

NB_PROGRAM(nb_blocks, "blocks of LWPs that are gone")
{
	void *first;
	int lwp, i;

	for (i = 0; i < 40; i++) {
		lwp = tine_sys_lwp_create(takes_a_block, NULL);
		tine_check(tine_sys_lwp_wait(lwp) == lwp);
		tine_check(!tine_sys_failed(block));
		/* The one that is given back is given out again. */
		if (i == 0)
			first = block;
		tine_check(block == first);
	}
	tine_check(!tine_sys_failed(tine_sys_lwp_ctl()));
	return (0);
}

/* spec: NB-059 */
NB_TEST(the_block_of_an_lwp_that_ended_is_free)
{
	nb_passes("nb_blocks");
}

NB_PROGRAM(nb_unset, "a timer that is not set")
{
	struct tine_itimerval old = { 9, 9 }, one = { 0, 50 * MS };

	tine_check(tine_sys_setitimer(0, NULL, &old) == 0);
	tine_check(old.value == 0 && old.interval == 0);
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value == 0);
	tine_sys_nanosleep(10 * MS);
	one.value = 0;
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value > 0 && old.value <= 40 * MS);
	tine_check(tine_sys_setitimer(0, &one, &old) == 0);
	tine_check(old.value == 0);
	return (0);
}

/* spec: NB-028 */
NB_TEST(what_a_timer_was_set_to_is_told)
{
	nb_passes("nb_unset");
}

static TINE_DATA volatile int rang;

static void
rings(int signo)
{
	(void)signo;
	rang++;
}

/* A process whose timer rings after so long, again and again. */
static void
ticks(uint64_t value, uint64_t interval)
{
	const struct tine_itimerval timer = { interval, value };
	struct tine_sigaction action = { .flags = 0 };

	action.handler = rings;
	tine_check(tine_sys_sigaction(SIGALRM, &action, NULL) == 0);
	tine_check(tine_sys_setitimer(TINE_ITIMER_REAL, &timer, NULL) == 0);
}

NB_PROGRAM(nb_rings, "timers of several processes")
{
	const uint64_t start = tine_sys_time();
	tine_pid_t early, late;
	int status;

	/* Set later and due earlier; one ends with its timer set. */
	late = tine_sys_fork();
	if (late == 0) {
		ticks(50 * MS, 0);
		while (rang == 0)
			(void)tine_sys_pause();
		tine_sys_exit(tine_sys_time() - start >= 50 * MS ? 0 : 1);
	}
	early = tine_sys_fork();
	if (early == 0) {
		ticks(10 * MS, 10 * MS);
		while (rang < 3)
			(void)tine_sys_pause();
		tine_check(tine_sys_time() - start >= 30 * MS);
		tine_check(tine_sys_time() - start < 50 * MS);
		tine_sys_exit(0);
	}
	tine_check(tine_sys_waitpid(-1, &status, 0) == early && status == 0);
	tine_check(tine_sys_waitpid(-1, &status, 0) == late && status == 0);
	tine_check(tine_sys_time() - start < 60 * MS);
	/* An orphan ends by its timer, when all others are gone. */
	if (tine_sys_fork() == 0) {
		(void)tine_sys_alarm(1);
		for (;;)
			(void)tine_sys_pause();
	}
	return (0);
}

/* spec: NB-028 NB-091 */
NB_TEST(each_timer_rings_when_it_is_due_whoever_has_ended)
{
	nb_passes("nb_rings");
	nb_every_seed("nb_rings", 12);
}

/* --- numbers while the table grows --- */

static int64_t
k_numbers(int64_t a, int64_t b)
{
	const struct proc *p, *q;

	(void)a;
	(void)b;
	mutex_enter(&proc_lock);
	LIST_FOREACH(p, &allproc, p_list) {
		ASSERT(proc_find_raw(p->p_pid) == p);
		ASSERT3(p->p_pid, >=, 0);
		ASSERT3(p->p_pid, <, 30000);
		LIST_FOREACH(q, &allproc, p_list)
			ASSERT(q == p || q->p_pid != p->p_pid);
	}
	mutex_exit(&proc_lock);
	return (0);
}

#define MANY 80

NB_PROGRAM(nb_growth, "numbers while the table of pids grows")
{
	tine_pid_t pid[MANY];
	int i, status;

	/* Slots that were used and are free when the table is doubled. */
	for (i = 0; i < 25; i++) {
		pid[0] = tine_sys_fork();
		if (pid[0] == 0)
			tine_sys_exit(0);
		tine_check(tine_sys_waitpid(pid[0], &status, 0) == pid[0]);
	}
	for (i = 0; i < MANY; i++) {
		pid[i] = tine_sys_fork();
		if (pid[i] == 0)
			for (;;)
				(void)tine_sys_pause();
		tine_check(pid[i] > 0);
		in_kernel(k_numbers, 0, 0);
		/* Some go again, among those that stay. */
		if (i % 3 == 2) {
			tine_check(tine_sys_kill(pid[i], SIGKILL) == 0);
			tine_check(tine_sys_waitpid(pid[i], &status, 0) ==
			    pid[i]);
		}
	}
	for (i = 0; i < MANY; i++) {
		if (i % 3 == 2)
			continue;
		tine_check(tine_sys_kill(pid[i], SIGKILL) == 0);
		tine_check(tine_sys_waitpid(pid[i], &status, 0) == pid[i]);
	}
	return (0);
}

/* spec: NB-010 */
NB_TEST(every_number_is_of_one_process_while_the_table_grows)
{
	nb_passes("nb_growth");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_found_by_its_key),
		cmocka_unit_test(a_descriptor_does_what_it_was_opened_for),
		cmocka_unit_test(the_block_of_an_lwp_that_ended_is_free),
		cmocka_unit_test(what_a_timer_was_set_to_is_told),
		cmocka_unit_test(
		    each_timer_rings_when_it_is_due_whoever_has_ended),
		cmocka_unit_test(
		    every_number_is_of_one_process_while_the_table_grows),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
