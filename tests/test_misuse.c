/* SPDX-License-Identifier: MIT */
/*
 * test_misuse.c - programs that call whatever they like with whatever they
 * like: nothing that a program does is the end of the machine, of its books or
 * of the host process, and every such run is repeated by its token.
 *
 *	TINE_MISUSE_SEED=N	begin with that seed
 *	TINE_MISUSE_RUNS=N	so many runs on each kernel
 *	TINE_MISUSE_CALLS=1	say each call on the console
 *
 * The calls are made as traps, so that no library function is in the way of a
 * strange argument. Two thirds of the arguments are of the kind that the call
 * wants, to get deep into it; the rest are anything. Pointers go to a few pages
 * made for that, never to the stacks that the programs run on: what would be
 * written there is a return address, and a program that jumps into the middle
 * of the host's code is beyond what a library can hold.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tine/tine.h>

#include "proc/syscall.h"

#define RUNS 300
#define CALLS 60
#define PAGE UINT64_C(4096)
#define PAGES 12
#define MS UINT64_C(1000000)

extern int64_t trap(uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2,
    uint64_t a3, uint64_t a4) __asm__("tine__trap")
    __attribute__((returns_twice));

/* What arguments a call wants: f a descriptor, p a path, b memory, z a size,
 * i a pid, s a signal, n a small number, g flags, m a mode, o an offset, u a
 * user, l an LWP, v an array of strings, t a time, x code, k a number or a
 * lock, w 0 to 2, y flags of send, anything else
 * anything. A call without a row gets anything. */
static const char *const kinds[TINE__SYS_COUNT + 4] = {
	[TINE__SYS_forkx] = "g", [TINE__SYS_forkallx] = "g",
	[TINE__SYS_waitid] = "nibgb", [TINE__SYS_read] = "fbz",
	[TINE__SYS_write] = "fbz", [TINE__SYS_exec] = "pvv",
	[TINE__SYS_spawned] = "nn", [TINE__SYS_kill] = "is",
	[TINE__SYS_nanosleep] = "t", [TINE__SYS_mmap] = "zgz",
	[TINE__SYS_munmap] = "bz", [TINE__SYS_brk] = "b",
	[TINE__SYS_lwp_wait] = "l", [TINE__SYS_mmapx] = "bzgg",
	[TINE__SYS_mprotect] = "bzg", [TINE__SYS_minherit] = "bzn",
	[TINE__SYS_shmget] = "nzg", [TINE__SYS_shmat] = "nbg",
	[TINE__SYS_shmdt] = "b", [TINE__SYS_shmctl] = "nnb",
	[TINE__SYS_watch] = "bzg", [TINE__SYS_sigaction] = "sbb",
	[TINE__SYS_sigprocmask] = "nbb", [TINE__SYS_sigpending] = "b",
	[TINE__SYS_sigsuspend] = "g", [TINE__SYS_sigtimedwait] = "bbt",
	[TINE__SYS_sigaltstack] = "bb", [TINE__SYS_sigqueue] = "isnn",
	[TINE__SYS_lwp_kill] = "ls", [TINE__SYS_sigreturn] = "b",
	[TINE__SYS_setitimer] = "nbb", [TINE__SYS_alarm] = "n",
	[TINE__SYS_lwp_suspend] = "l", [TINE__SYS_lwp_continue] = "l",
	[TINE__SYS_lwp_detach] = "l", [TINE__SYS_setid] = "nuuu",
	[TINE__SYS_getid] = "nnb", [TINE__SYS_rlimit] = "nbb",
	[TINE__SYS_getrusage] = "nb", [TINE__SYS_wait_on] = "bnt",
	[TINE__SYS_wake_on] = "bn", [TINE__SYS_open] = "pgm",
	[TINE__SYS_close] = "f", [TINE__SYS_dup2] = "ff",
	[TINE__SYS_dup3] = "ffg", [TINE__SYS_fcntl] = "fnk",
	[TINE__SYS_lseek] = "fon", [TINE__SYS_pread] = "fbzo",
	[TINE__SYS_pwrite] = "fbzo", [TINE__SYS_readv] = "fbn",
	[TINE__SYS_writev] = "fbn", [TINE__SYS_preadv] = "fbno",
	[TINE__SYS_pwritev] = "fbno", [TINE__SYS_pipe] = "bg",
	[TINE__SYS_poll] = "bnn", [TINE__SYS_ioctl] = "fgb",
	[TINE__SYS_fstat] = "fb", [TINE__SYS_stat] = "pb",
	[TINE__SYS_access] = "pn", [TINE__SYS_chmod] = "pm",
	[TINE__SYS_ftruncate] = "fo", [TINE__SYS_mkdir] = "pm",
	[TINE__SYS_mkfifo] = "pm", [TINE__SYS_unlink] = "p",
	[TINE__SYS_rmdir] = "p", [TINE__SYS_link] = "pp",
	[TINE__SYS_rename] = "pp", [TINE__SYS_getdents] = "fb",
	[TINE__SYS_chdir] = "p", [TINE__SYS_fchdir] = "f",
	[TINE__SYS_chroot] = "p", [TINE__SYS_getcwd] = "bz",
	[TINE__SYS_umask] = "m", [TINE__SYS_setpgid] = "ii",
	[TINE__SYS_getpgid] = "i", [TINE__SYS_getsid] = "i",
	[TINE__SYS_mmapf] = "fzggo", [TINE__SYS_fchmod] = "fm",
	[TINE__SYS_chown] = "puu", [TINE__SYS_fchown] = "fuu",
	[TINE__SYS_utime] = "pt", [TINE__SYS_futime] = "ft",
	[TINE__SYS_at] = "fcpnn", [TINE__SYS_ppoll] = "bntbn",
	[TINE__SYS_getpriority] = "wib", [TINE__SYS_setpriority] = "wio",
	[TINE__SYS_robust] = "b",
	[TINE__SYS_flock] = "fn", [TINE__SYS_socketpair] = "wwwb",
	[TINE__SYS_shutdown] = "fw", [TINE__SYS_send] = "fbzy",
	[TINE__SYS_recv] = "fbzy", [TINE__SYS_symlink] = "pp",
	[TINE__SYS_readlink] = "pbz", [TINE__SYS_lchown] = "puu",
	[TINE__SYS_link_follow] = "pp", [TINE__SYS_link_nofollow] = "pp",
	/* the Solaris family */
	[TINE__SYS_forksys] = "ng", [TINE__SYS_ctsys] = "nnb",
	[TINE__SYS_tasksys] = "nnn", [TINE__SYS_zonesys] = "nnpn",
	[TINE__SYS_poolsys] = "nnni", [TINE__SYS_sigsendsys] = "nis",
	[TINE__SYS_rctlsys] = "npbbg", [TINE__SYS_prsys] = "nin",
	[TINE__SYS_priocntlsys] = "ilnnb", [TINE__SYS_corectl] = "nipz",
	[TINE__SYS_lwp_park] = "nl", [TINE__SYS_psecflags] = "ninb",
	[TINE__SYS_privsys] = "nng", [TINE__SYS_auditsys] = "nn",
	[TINE__SYS_brandsys] = "b", [TINE__SYS_pbind] = "nninb",
	[TINE__SYS_memcntl] = "bzn", [TINE__SYS_profil] = "bzon",
	[TINE__SYS_sysi86] = "no",
	/* DragonFly */
	[TINE__SYS_procctl] = "ninb", [TINE__SYS_extexit] = "nnb",
	[TINE__SYS_lwp_kill2] = "ils", [TINE__SYS_wait4] = "ibg",
	[TINE__SYS_dfctl] = "niiib",
	/* NetBSD */
	[TINE__SYS_nb_ptrace] = "nibn", [TINE__SYS_nb_wait4] = "ibg",
	[TINE__SYS_nb_sysctl] = "nibb", [TINE__SYS_nb_mlock] = "bzn",
	[TINE__SYS_nb_kevent] = "fign", [TINE__SYS_nb_kevent_next] = "fbn",
	[TINE__SYS_nb_rasctl] = "nbz", [TINE__SYS_nb_linux_clone] = "gnnnb",
};

/* What a thread has at hand. In a child of vfork it is the parent's. */
struct life {
	uint64_t random;
	char *memory;			/* PAGES, and then nothing mapped */
	int left;			/* calls */
	bool loud;
};

static uint64_t
draw(struct life *life, uint64_t n)
{
	uint64_t x = life->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return n == 0 ? x : x % n;
}

static void mischief_lwp(void *arg);

static void
handler(int signo, struct tine_siginfo *info, void *context)
{
	(void)signo;
	(void)info;
	(void)context;
	tine_sys_yield();
}

/* Where no code is. None of the host's addresses is a number here: it is
 * another one in the next process, and the token would say that. */
static uint64_t
code(struct life *life)
{
	static const uint64_t bad[] = {
		0, 1, 2, 16, UINT64_C(0xdeadbeef), UINT64_C(1) << 63,
		UINT64_MAX
	};

	return bad[draw(life, sizeof(bad) / sizeof(bad[0]))];
}

static uint64_t
pointer(struct life *life)
{
	const uint64_t memory = (uint64_t)(uintptr_t)life->memory;

	switch (draw(life, 10)) {
	case 0:
		return 0;
	case 1:			/* the rest is beyond what is mapped */
		return memory + PAGES * PAGE - draw(life, 64);
	case 2:
		return memory + PAGE * draw(life, PAGES + 2);
	case 3:			/* where the host has something, or not */
		return UINT64_C(0x7ffff7000000) + draw(life, PAGE);
	case 4:
		return UINT64_C(1) << draw(life, 64);
	case 5:
		return UINT64_MAX - draw(life, 4096);
	default:
		return memory + draw(life, PAGES * PAGE);
	}
}

static uint64_t
anything(struct life *life)
{
	switch (draw(life, 9)) {
	case 0:
		return draw(life, 0);
	case 1:
		return UINT64_C(1) << draw(life, 64);
	case 2:
		return -draw(life, 130);
	case 3:
		return (UINT64_C(1) << draw(life, 64)) - 1;
	case 4:
		return pointer(life);
	case 5:
		return code(life);
	default:
		return draw(life, 70);
	}
}

/* Paths, and names of programs and of resource controls. */
static const char *const names[] = {
	"/", "/tmp", "/tmp/a", "/tmp/b", "/tmp/a/b", "a", "../a", ".", "..", "",
	"/dev/tty", "/dev/null", "/bin/misuse_child", "/bin", "misuse_child",
	"/tmp/fifo", "/etc", "process.max-file-descriptor", "task.max-lwps",
	"core.%p", "//tmp//./c/", "/bin/../tmp/d"
};
#define NAMES (sizeof(names) / sizeof(names[0]))
#define NAME 32			/* bytes of each at the start of the memory */

static uint64_t
name(struct life *life)
{
	const uint64_t memory = (uint64_t)(uintptr_t)life->memory;
	const uint64_t n = draw(life, NAMES + 1);

	/* the last one is a long one */
	return memory + NAME * n;
}

/* Lay out the memory: names, arrays of them, words. */
static void
lay_out(struct life *life)
{
	uint64_t *const words = (uint64_t *)(life->memory + 2 * PAGE);
	char *const vectors = life->memory + PAGE;

	for (size_t i = 0; i < NAMES; i++)
		strcpy(life->memory + NAME * i, names[i]);
	memset(life->memory + NAME * NAMES, 'x', PAGE - NAME * NAMES);
	vectors[-1] = draw(life, 3) == 0 ? 'x' : '\0';
	for (size_t i = 0; i < PAGE / 8; i++)
		((uint64_t *)vectors)[i] = draw(life, 4) == 0 ? 0 :
		    draw(life, 20) == 0 ? pointer(life) : name(life);
	for (size_t i = 0; i < 3 * PAGE / 8; i++) {
		words[i] = draw(life, 3) == 0 ? 0 : anything(life);
		if (draw(life, 4) == 0)
			words[i] = draw(life, 0) & UINT64_C(0x3f0000003f);
	}
}

/* A lock on some bytes, at the end of the memory. */
static uint64_t
range(struct life *life)
{
	struct tine_flock *lock = (void *)(life->memory + (PAGES - 1) * PAGE);

	if (draw(life, 2) == 0)
		return draw(life, 8);
	lock->type = (short)draw(life, 3);
	lock->whence = (short)draw(life, 3);
	lock->start = (int64_t)draw(life, 20);
	lock->len = (int64_t)draw(life, 15) - 2;
	return (uint64_t)(uintptr_t)lock;
}

static uint64_t
argument(struct life *life, char kind)
{
	const uint64_t memory = (uint64_t)(uintptr_t)life->memory;

	if (kind == '\0' || draw(life, 9) < 2)
		return anything(life);
	switch (kind) {
	case 'f':
		return draw(life, 12) == 0 ? -draw(life, 102) : draw(life, 9);
	case 'p':
		return name(life);
	case 'k':
		return range(life);
	case 'w':
		return draw(life, 3);
	case 'y':
		return draw(life, 2) == 0 ? TINE_MSG_DONTWAIT :
		    draw(life, 2) * TINE_MSG_NOSIGNAL;
	case 'b':
		return pointer(life);
	case 'z':
		return draw(life, 3) == 0 ? PAGE * draw(life, 8) :
		    draw(life, 300);
	case 'i':
		return draw(life, 2) == 0 ? (uint64_t)tine_sys_getpid() :
		    draw(life, 12) - 2;
	case 's':
		return draw(life, 66);
	case 'g':
		return draw(life, 3) == 0 ? UINT64_C(1) << draw(life, 33) :
		    draw(life, 1u << draw(life, 24));
	case 'm':
		return draw(life, 010000);
	case 'o':
		return draw(life, 3) == 0 ? -draw(life, 9) :
		    draw(life, 9000);
	case 'u':
		return draw(life, 3) == 0 ? draw(life, 1) : 98 + draw(life, 4);
	case 'l':
		return draw(life, 6);
	case 'v':
		return memory + PAGE + 8 * draw(life, 400);
	case 't':
		return draw(life, 40 * MS);
	case 'c':
		return draw(life, TINE__SYS_COUNT);
	default:
		return draw(life, 3) == 0 ? draw(life, 64) : draw(life, 10);
	}
}

/* Whose number and arguments are not for a stack that others use: memory that
 * two processes share is a matter of one of them having another stack. */
static bool
refused(struct life *life, uint64_t number, uint64_t args[5])
{
	switch (number) {
	case TINE__SYS_exit:
	case TINE__SYS_extexit:
	case TINE__SYS_lwp_exit:
	case TINE__SYS_sigreturn:
	case TINE__SYS_exec:
		return draw(life, 4) != 0;
	case TINE__SYS_rfork:
		args[0] &= ~(uint64_t)TINE_RFMEM;
		return false;
	case TINE__SYS_nb_rfork:
		args[0] &= ~(UINT64_C(1) << 5);		/* RFMEM there */
		return false;
	case TINE__SYS_nb_clone:
	case TINE__SYS_nb_linux_clone:
		args[0] &= ~(uint64_t)TINE_CLONE_VM;
		return false;
	case TINE__SYS_lwp_create:	/* see life_goes_on() */
	case TINE__SYS_check:		/* what a test says, not a kernel */
	case TINE__SYS_trace:
		return true;
	default:
		return false;
	}
}

/* What is known to work, now and then: more to get wrong. */
static void
life_goes_on(struct life *life)
{
	const struct tine_sigaction action = {
		.sigaction = handler,
		.flags = (unsigned)draw(life, 0) & (TINE_SA_RESTART |
		    TINE_SA_ONSTACK | TINE_SA_NODEFER | TINE_SA_RESETHAND |
		    TINE_SA_NOCLDWAIT | TINE_SA_SIGINFO)
	};
	int fds[2];

	switch (draw(life, 8)) {
	case 0:
		(void)tine_sys_sigaction((int)draw(life, 65), &action, NULL);
		break;
	case 1:
		(void)tine_sys_lwp_create_flags(mischief_lwp,
		    (void *)(uintptr_t)((draw(life, 0) & ~UINT64_C(1)) |
		    life->loud),
		    (unsigned)draw(life, 8) << 5);
		break;
	case 2:
		(void)tine_sys_pipe(fds);
		break;
	case 3:
		(void)tine_sys_alarm(1);
		break;
	case 4:
		(void)tine_sys_mkfifo("/tmp/fifo", 0666);
		break;
	case 5:
		(void)tine_sys_setuid(100);
		break;
	default:
		lay_out(life);
		break;
	}
}

static void
say(uint64_t number, const uint64_t args[5])
{
	static const char *const calls[] = {
#define CALL_NAME(call) #call,
		TINE__SYS_MAP(CALL_NAME)
#undef CALL_NAME
	};

	tine_printf("%d/%d %s %#lx %#lx %#lx %#lx %#lx\n", tine_sys_getpid(),
	    tine_sys_lwp_self(), number < TINE__SYS_COUNT ? calls[number] :
	    "none", args[0], args[1], args[2], args[3], args[4]);
}

/* So many calls. Does not return: a child of vfork has its parent's frame. */
static TINE_NORETURN void
mischief(struct life *life)
{
	uint64_t number, args[5];
	int64_t got;

	while (life->left-- > 0) {
		if (draw(life, 6) == 0) {
			life_goes_on(life);
			continue;
		}
		number = draw(life, TINE__SYS_COUNT + 2);
		for (int i = 0; i < 5; i++) {
			const char *const want = kinds[number];

			args[i] = argument(life, want != NULL &&
			    strlen(want) > (size_t)i ? want[i] : '\0');
		}
		if (refused(life, number, args))
			continue;
		if (life->loud)
			say(number, args);
		got = trap(number, args[0], args[1], args[2], args[3],
		    args[4]);
		life->random ^= (uint64_t)(got == 0);
	}
	if (draw(life, 3) == 0)
		tine_sys_lwp_exit();
	tine_sys_exit((int)draw(life, 3));
}

static void
mischief_begin(uint64_t random, bool loud)
{
	struct life life = { .random = random, .left = CALLS, .loud = loud };
	void *const memory = tine_sys_mmap(PAGES * PAGE,
	    TINE_PROT_READ | TINE_PROT_WRITE);

	if (tine_sys_failed(memory) != 0)
		return;
	life.memory = memory;
	lay_out(&life);
	mischief(&life);
}

static void
mischief_lwp(void *arg)
{
	mischief_begin((uint64_t)(uintptr_t)arg, ((uintptr_t)arg & 1) != 0);
}

/* What it is when something execs. */
static int
misuse_child(int argc, char **argv)
{
	(void)argv;
	mischief_begin((uint64_t)argc, false);
	return 1;
}
TINE_PROGRAM(misuse_child, "makes calls at random, anew");

/* A few such children; whoever is left after a while is killed. */
static int
misuse(int argc, char **argv)
{
	const uint64_t seed = strtoull(argv[1], NULL, 10);
	const uint64_t all = ~UINT64_C(0);
	struct life life = { .random = seed };
	int children;

	(void)tine_sys_sigprocmask(TINE_SIG_SETMASK, &all, NULL);
	(void)tine_sys_mkdir("/tmp", 0777);
	children = 1 + (int)draw(&life, 3);
	for (int i = 0; i < children; i++) {
		const uint64_t random = draw(&life, 0);

		if (tine_sys_fork() != 0)
			continue;
		(void)tine_sys_sigprocmask(TINE_SIG_UNBLOCK, &all, NULL);
		mischief_begin(random, argc > 2);
		return 1;
	}
	(void)tine_sys_nanosleep(200 * MS);
	for (int i = 0; i < 3; i++) {
		(void)tine_sys_kill(-1, SIGKILL);
		(void)tine_sys_nanosleep(20 * MS);
		while (tine_sys_waitpid(-1, NULL, TINE_WNOHANG) > 0)
			;
	}
	return 0;
}
TINE_PROGRAM(misuse, "children that make calls at random");

/* --- tests --- */

static uint64_t
from_environment(const char *variable, uint64_t otherwise)
{
	const char *const text = getenv(variable);

	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* The machine of a seed: small in different ways. */
static struct tine_options
machine_of(enum tine_kernel kernel, uint64_t seed)
{
	struct tine_options options;

	tine_options_init(&options);
	options.kernel = kernel;
	if (tine_quirks_parse(kernel, "none", &options.quirks) != 0)
		fail_msg("%s", tine_error_message());
	options.strategy = TINE_STRATEGY_RANDOM;
	options.seed = seed;
	options.ncpu = 1 + seed % 3;
	options.preempt = seed % 2 == 0 ? TINE_PREEMPT_ALWAYS :
	    TINE_PREEMPT_KERNEL;
	options.memory_pages = seed % 5 == 0 ? 256 : 2048;
	options.proc_max = 12;
	options.pid_max = 30;
	options.lwpid_max = seed % 4 == 0 ? 5 : 1000;
	options.step_limit = 300000;
	options.kmem_debug = true;
	options.faults = seed % 7 == 0 ? 3 : 0;
	options.spurious = seed % 11 == 0 ? 2 : 0;
	options.interrupts = seed % 3 == 0 ? 2 : 0;
	return options;
}

static void
run(const struct tine_options *options, uint64_t seed,
    struct tine_machine **machine, struct tine_result *result)
{
	char number[24];
	const char *const argv[] = { "misuse", number,
		getenv("TINE_MISUSE_CALLS"), NULL };

	snprintf(number, sizeof(number), "%llu", (unsigned long long)seed);
	if (tine_machine_create(options, machine) != 0 ||
	    tine_machine_spawn(*machine, "misuse", argv) != 0 ||
	    tine_machine_run(*machine, result) != 0)
		fail_msg("%s", tine_error_message());
}

/* A program may stop, kill or starve all others; what else there is would be
 * the kernel's doing. That a zone has no memory for its first process is the
 * end on the real kernel too. [IL-030] */
static bool
allowed(const struct tine_result *result)
{
	switch (result->outcome) {
	case TINE_OUTCOME_PASSED:
	case TINE_OUTCOME_DEADLOCK:
	case TINE_OUTCOME_STEP_LIMIT:
		return true;
	case TINE_OUTCOME_PANIC:
		return strstr(result->message, "panic: newproc: no LWP for a "
		    "kernel process") != NULL;
	default:
		return false;
	}
}

/* The machine is destroyed before its token is tried: a program sees addresses,
 * and another one at the same time has others. */
static bool
repeats(struct tine_options *options, uint64_t seed,
    struct tine_machine *machine, const struct tine_result *result)
{
	const enum tine_outcome outcome = result->outcome;
	const uint64_t digest = result->digest;
	char *const token = strdup(result->token);
	struct tine_result again;
	bool same;

	assert_int_equal(tine_machine_destroy(machine), 0);
	options->token = token;
	run(options, seed, &machine, &again);
	same = again.outcome == outcome && again.digest == digest;
	if (!same)
		fprintf(stderr, "seed %llu: %s, and then %s: %s\n%s\n",
		    (unsigned long long)seed, tine_outcome_name(outcome),
		    tine_outcome_name(again.outcome), again.message, token);
	assert_int_equal(tine_machine_destroy(machine), 0);
	free(token);
	return same;
}

static void
misuse_harms_nobody(enum tine_kernel kernel)
{
	const uint64_t first = from_environment("TINE_MISUSE_SEED", 1);
	const uint64_t last = first +
	    from_environment("TINE_MISUSE_RUNS", RUNS);
	unsigned bad = 0, counts[TINE_OUTCOME_COUNT] = { 0 };

	for (uint64_t seed = first; seed < last; seed++) {
		struct tine_options options = machine_of(kernel, seed);
		struct tine_machine *machine;
		struct tine_result result;

		run(&options, seed, &machine, &result);
		counts[result.outcome]++;
		if (!allowed(&result) || getenv("TINE_MISUSE_CALLS") !=
		    NULL) {
			bad += !allowed(&result);
			fprintf(stderr, "seed %llu: %s\n%s\n%s\n%s\n%s\n",
			    (unsigned long long)seed,
			    tine_outcome_name(result.outcome), result.message,
			    result.last_events, result.console, result.token);
		}
		bad += !repeats(&options, seed, machine, &result);
	}
	for (int i = 0; i < TINE_OUTCOME_COUNT; i++)
		if (counts[i] != 0 && getenv("TINE_MISUSE_RUNS") != NULL)
			print_message("%s: %u\n", tine_outcome_name(i),
			    counts[i]);
	assert_int_equal(bad, 0);
	assert_true(counts[TINE_OUTCOME_PASSED] > 0);
}

static void
misuse_harms_nobody_on_illumos(void **state)
{
	(void)state;
	misuse_harms_nobody(TINE_KERNEL_ILLUMOS);
}

static void
misuse_harms_nobody_on_opensolaris(void **state)
{
	(void)state;
	misuse_harms_nobody(TINE_KERNEL_OPENSOLARIS);
}

static void
misuse_harms_nobody_on_dragonfly(void **state)
{
	(void)state;
	misuse_harms_nobody(TINE_KERNEL_DRAGONFLY);
}

static void
misuse_harms_nobody_on_netbsd(void **state)
{
	(void)state;
	misuse_harms_nobody(TINE_KERNEL_NETBSD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(misuse_harms_nobody_on_illumos),
		cmocka_unit_test(misuse_harms_nobody_on_opensolaris),
		cmocka_unit_test(misuse_harms_nobody_on_dragonfly),
		cmocka_unit_test(misuse_harms_nobody_on_netbsd),
	};

	cmocka_set_test_filter(getenv("CMOCKA_TEST_FILTER"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
