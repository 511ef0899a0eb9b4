/* SPDX-License-Identifier: MIT */
/*
 * test_netbsd_truth.c - which calls are events for a debugger on NetBSD: every
 * way into fork1, every set of events asked for, traced and not, as 1.206
 * evaluates it and as 1.207 does.
 */
#include "netbsd_rig.h"

#define F TINE_NB_PTRACE_FORK
#define V TINE_NB_PTRACE_VFORK
#define D TINE_NB_PTRACE_VFORK_DONE

/* --- the three conditions, for every value of their operands --- */

static void
conditions_hold(bool later)
{
	const uint32_t bits[] = { PSL_TRACEFORK, PSL_TRACEVFORK,
	    PSL_TRACEVFORK_DONE };
	struct proc p;
	unsigned mask, which;
	int flags;
	bool waits, expected;

	memset(&p, 0, sizeof(p));
	for (mask = 0; mask < 16; mask++) {
		p.p_slflag = (mask & 8) != 0 ? PSL_TRACED : 0;
		for (which = 0; which < 3; which++)
			if ((mask & 1u << which) != 0)
				p.p_slflag |= bits[which];
		for (flags = 0; flags < 256; flags++) {
			waits = later ? (flags & 1) != 0 : flags != 0;
			for (which = 0; which < 3; which++) {
				expected = (mask & 8) != 0 &&
				    (mask & 1u << which) != 0 &&
				    waits == (which != 0);
				ASSERT3(fork_event(&p, bits[which], flags),
				    ==, expected);
			}
		}
	}
}

static int64_t
k_conditions(int64_t later, int64_t b)
{
	(void)b;
	conditions_hold(later != 0);
	return (1);
}

NB_PROGRAM(nb_conditions, "the three conditions of 1.206")
{
	tine_check(in_kernel(k_conditions, 0, 0) == 1);
	return (0);
}

NB_PROGRAM(nb_conditions_later, "the three conditions of 1.207")
{
	tine_check(in_kernel(k_conditions, 1, 0) == 1);
	return (0);
}

/* spec: NB-079 NB-R03 */
NB_TEST(the_flags_are_joined_by_a_logical_and)
{
	nb_passes("nb_conditions");
	nb_passes_with("nb_conditions_later", "-NB-R03");
}

/* --- and with a debugger --- */

static char *stack_top;

static int
ends(void *arg)
{
	(void)arg;
	tine_sys_exit(8);
}

static tine_pid_t
clones(unsigned flags)
{
	return (tine_sys_clone(flags | SIGCHLD, stack_top, ends, NULL));
}

static const struct way {
	int flags;		/* of fork1 */
	bool nowait;
} ways[] = {
	{ 0, false }, { 0, false }, { 0x01, false }, { 0x03, false },
	{ 0x03, false }, { 0x02, false }, { 0x04, false }, { 0x08, false },
	{ 0x12, false }, { 0x20, true }, { 0x40, false }, { 0x05, false },
	{ 0x1f, false }
};
#define WAYS (sizeof(ways) / sizeof(*ways))

static tine_pid_t
goes(size_t way)
{
	tine_pid_t pid;

	switch (way) {
	case 0:
		return (tine_sys_fork());
	case 1:
		return (clones(0));
	case 2:
		return (tine_sys_vfork44());
	case 3:
		pid = tine_sys_vfork();
		if (pid == 0)	/* on this very stack */
			tine_sys_exit(8);
		return (pid);
	case 4:
		return (clones(TINE_CLONE_VM | TINE_CLONE_VFORK));
	case 5:
		return (clones(TINE_CLONE_VM));
	case 6:
		return (clones(TINE_CLONE_FS));
	case 7:
		return (clones(TINE_CLONE_FILES));
	case 8:
		return (clones(TINE_CLONE_VM | TINE_CLONE_SIGHAND));
	case 9:
		return (tine_sys_rfork_freebsd(TINE_FBRFPROC | TINE_FBRFFDG |
		    TINE_FBRFNOWAIT));
	case 10:
		return (tine_sys_rfork_freebsd(TINE_FBRFPROC |
		    TINE_FBRFCFDG));
	case 11:
		return (clones(TINE_CLONE_FS | TINE_CLONE_VFORK));
	default:
		return (clones(TINE_CLONE_VM | TINE_CLONE_FS |
		    TINE_CLONE_FILES | TINE_CLONE_SIGHAND | TINE_CLONE_VFORK));
	}
}

/* One whose child is made in that way, after its debugger was asked. */
static tine_pid_t
forker(size_t way, bool traced)
{
	const tine_pid_t p1 = tine_sys_fork();
	tine_pid_t pid;

	if (p1 != 0)
		return (p1);
	if (traced)
		tine_check(tine_sys_ptrace(TINE_NB_PT_TRACE_ME, 0, NULL, 0) ==
		    0);
	(void)tine_sys_kill(tine_sys_getpid(), SIGSTOP);
	pid = goes(way);
	if (pid == 0)
		tine_sys_exit(8);
	while (tine_sys_waitpid(pid, NULL, 0) == -EINTR)
		continue;
	tine_sys_exit(9);
}

/* Event bits stay when a debugger detaches: so one that nobody traces may have
 * them. [NB-078] */
static int64_t
k_mask(int64_t pid, int64_t mask)
{
	const uint32_t bits = ((mask & F) != 0 ? PSL_TRACEFORK : 0) |
	    ((mask & V) != 0 ? PSL_TRACEVFORK : 0) |
	    ((mask & D) != 0 ? PSL_TRACEVFORK_DONE : 0);

	SET(rig_find((pid_t)pid)->p_slflag, bits);
	return (0);
}

/* What is true of the child: its tracer, its real parent, and what it says. */
static int64_t
k_child(int64_t pid, int64_t p1)
{
	const struct proc *p = rig_find((pid_t)pid);
	const struct proc *real = p->p_opptr;

	ASSERT(real != NULL && ISSET(real->p_slflag, PSL_CHTRACED));
	ASSERT3(p->p_pptr->p_pid, ==, curproc->p_pid);
	ASSERT3(p->p_ppid, ==, real->p_pid);
	ASSERT3(p->p_fpid + p->p_vfpid, ==, (int)p1);
	ASSERT((p->p_slflag & (PSL_TRACEFORK | PSL_TRACEVFORK |
	    PSL_TRACEVFORK_DONE)) == 0);
	return (real->p_pid);
}

/* Run it to its end. @return the events that the debugger heard of. */
static int
heard(size_t way, int mask, bool traced)
{
	struct tine_ptrace_state state;
	const tine_pid_t p1 = forker(way, traced);
	int seen = 0, status, got = -1;
	tine_pid_t pid;

	tine_check(tine_sys_wait4_nb(p1, &status, TINE_WSTOPPED) == p1);
	in_kernel(k_mask, p1, mask);
	tine_check(tine_sys_ptrace(TINE_NB_PT_GET_EVENT_MASK, p1, &got,
	    sizeof(got)) == (traced ? 0 : -EPERM));
	tine_check(got == (traced ? mask : -1));
	if (traced)
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, p1, NULL, 0) ==
		    0);
	else
		tine_check(tine_sys_kill(p1, SIGCONT) == 0);
	for (;;) {
		pid = tine_sys_waitpid(-1, &status, 0);
		tine_check(pid > 0);
		if ((status & 0xff) != 0x7f && pid == p1)
			break;
		if ((status & 0xff) != 0x7f)
			continue;
		tine_check(tine_sys_ptrace(TINE_NB_PT_GET_PROCESS_STATE, pid,
		    &state, sizeof(state)) == 0);
		if (pid == p1) {
			/* One event a stop, about the one child there is. */
			tine_check((seen & state.report_event) == 0);
			seen |= state.report_event;
		} else {
			tine_check(in_kernel(k_child, pid, p1) ==
			    (ways[way].nowait ? 1 : p1));
		}
		tine_check(tine_sys_ptrace(TINE_NB_PT_CONTINUE, pid, NULL,
		    0) == 0);
	}
	tine_check(status == 9 << 8);
	while (tine_sys_waitpid(-1, &status, 0) > 0)
		continue;
	return (seen);
}

static void
table_holds(bool later)
{
	size_t way;
	int mask, expected;
	bool waits;

	stack_top = (char *)tine_sys_mmap(65536, TINE_PROT_READ |
	    TINE_PROT_WRITE) + 65536;
	for (way = 0; way < WAYS; way++) {
		waits = later ? (ways[way].flags & 1) != 0 :
		    ways[way].flags != 0;
		for (mask = 0; mask < 8; mask++) {
			expected = waits ? mask & (V | D) : mask & F;
			tine_check(heard(way, mask, true) == expected);
			tine_check(heard(way, mask, false) == 0);
		}
	}
}

NB_PROGRAM(nb_table, "the truth table of 1.206")
{
	table_holds(false);
	return (0);
}

NB_PROGRAM(nb_table_later, "the truth table of 1.207")
{
	table_holds(true);
	return (0);
}

/* spec: NB-078 NB-079 NB-080 NB-081 NB-084 NB-085 NB-114 NB-R03 */
NB_TEST(every_way_is_the_event_that_the_table_says)
{
	nb_passes("nb_table");
	nb_passes_with("nb_table_later", "-NB-R03");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_flags_are_joined_by_a_logical_and),
		cmocka_unit_test(every_way_is_the_event_that_the_table_says),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
