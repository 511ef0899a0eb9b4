/* SPDX-License-Identifier: MIT */
/*
 * facts.c - the tables of kernel_facts beyond the ways to make a process: LWPs,
 * memory, files.
 */
#include "facts.h"

#include <errno.h>
#include <string.h>

#include <tine/file.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/program.h>
#include <tine/signal.h>

#define MS UINT64_C(1000000)

/* --- saying it --- */

static TINE_DATA int items;

void
facts_section(const char *title)
{
	(void)tine_printf("# %s\n", title);
}

static const char *
errno_word(long error)
{
	switch (error) {
	case ENOSYS:
		return "not there";
	case EINVAL:
		return "EINVAL";
	case ECHILD:
		return "ECHILD";
	case ESRCH:
		return "ESRCH";
	case EPERM:
		return "EPERM";
	case EAGAIN:
		return "EAGAIN";
	case EDEADLK:
		return "EDEADLK";
	case EACCES:
		return "EACCES";
	case EBUSY:
		return "EBUSY";
	case ENOTSUP:
		return "ENOTSUP";
	default:
		return NULL;
	}
}

void
fact(const char *name, long value)
{
	const char *word = value < 0 ? errno_word(-value) : NULL;

	if (word != NULL)
		(void)tine_printf("%s: %s\n", name, word);
	else
		(void)tine_printf("%s: %ld\n", name, value);
}

void
fact_yes(const char *name, int value)
{
	(void)tine_printf("%s: %s\n", name, value ? "yes" : "no");
}

void
fact_begin(const char *name)
{
	(void)tine_printf("%s:", name);
	items = 0;
}

void
fact_add(const char *item)
{
	(void)tine_printf("%s%s", items++ == 0 ? " " : "; ", item);
}

void
fact_end(const char *otherwise)
{
	if (items == 0)
		fact_add(otherwise);
	(void)tine_printf("\n");
}

int
fact_reap(tine_pid_t pid)
{
	int status = -1;

	if (tine_sys_waitpid(pid, &status, 0) != pid || (status & 0x7f) != 0)
		return -1;
	return status >> 8;
}

/* --- LWPs --- */

static TINE_DATA volatile int in_child, in_parent, leave, copied;
static TINE_DATA tine_pid_t parent;

static void
forks(void *arg)
{
	tine_pid_t pid;

	(void)arg;
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_exit(tine_sys_lwp_self());
	in_parent = tine_sys_lwp_self();
	in_child = fact_reap(pid);
}

static void
is_copied(void *arg)
{
	(void)arg;
	while (!leave) {
		if (tine_sys_getpid() != parent)
			copied = 1;
		tine_sys_nanosleep(MS);
	}
}

static void
ends(void *arg)
{
	(void)arg;
}

/* How many LWPs a child has, of a parent with two. */
static void
count(const char *name, tine_pid_t pid)
{
	if (pid == 0) {
		tine_sys_nanosleep(5 * MS);
		tine_sys_exit(1 + copied);
	}
	fact(name, pid < 0 ? pid : fact_reap(pid));
}

static int
facts_lwp_exec(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tine_sys_lwp_self();
}

TINE_PROGRAM(facts_lwp_exec, "tells the number of its LWP");

static void
execs(void *arg)
{
	char *words[] = { (char *)(uintptr_t)"facts_lwp_exec", NULL };

	(void)arg;
	(void)tine_sys_exec("facts_lwp_exec", words);
}

void
facts_lwps(void)
{
	int lwp;
	tine_pid_t pid;

	facts_section("LWPs");
	fact("the first LWP of a program", tine_sys_lwp_self());
	lwp = tine_sys_lwp_create(forks, NULL);
	fact("the next one", lwp);
	(void)tine_sys_lwp_wait(lwp);
	fact("an LWP that forks", in_parent);
	fact("its copy in the child", in_child);
	lwp = tine_sys_lwp_create(ends, NULL);
	fact("one more, when the second has ended", lwp);
	(void)tine_sys_lwp_wait(lwp);
	pid = tine_sys_fork();
	if (pid == 0) {
		(void)tine_sys_lwp_create(execs, NULL);
		for (;;)
			(void)tine_sys_pause();
	}
	fact("an LWP that was the second, after exec", fact_reap(pid));
	parent = tine_sys_getpid();
	lwp = tine_sys_lwp_create(is_copied, NULL);
	count("LWPs in the child of fork(), of two", tine_sys_fork());
	count("LWPs in the child of forkall(), of two", tine_sys_forkallx(0));
	leave = 1;
	(void)tine_sys_lwp_wait(lwp);
	fact("waiting for an LWP when there is no other", tine_sys_lwp_wait(0));
	fact("waiting for oneself", tine_sys_lwp_wait(tine_sys_lwp_self()));
	fact("waiting for one that never was", tine_sys_lwp_wait(99));
	fact("suspending the only LWP",
	    tine_sys_lwp_suspend(tine_sys_lwp_self()));
	pid = tine_sys_fork();
	if (pid == 0)
		tine_sys_lwp_exit();
	fact("exit status when the last LWP ends", fact_reap(pid));
}

/* --- memory --- */

static TINE_DATA int own = 1;

/* What becomes of a page that is inherited in some way. */
static void
inherited(const char *name, int how)
{
	int *page = tine_sys_mmap(4096, TINE_PROT_READ | TINE_PROT_WRITE);
	int error, status = 0, value = 0;
	tine_pid_t pid;

	*page = 5;
	error = tine_sys_minherit(page, 4096, how);
	if (error < 0) {
		fact(name, error);
		return;
	}
	pid = tine_sys_fork();
	if (pid == 0) {
		value = *(volatile int *)page;
		*page = 6;
		tine_sys_exit(value);
	}
	(void)tine_sys_waitpid(pid, &status, 0);
	fact_begin(name);
	if ((status & 0x7f) != 0)
		fact_add("not in the child");
	else if (status >> 8 == 0)
		fact_add("zeros in the child");
	else if (*page == 6)
		fact_add("one page for both");
	fact_end("a copy");
	(void)tine_sys_munmap(page, 4096);
}

void
facts_memory(void)
{
	const int rw = TINE_PROT_READ | TINE_PROT_WRITE;
	int *page = tine_sys_mmap_flags(NULL, 4096, rw, TINE_MAP_SHARED);
	int id = tine_sys_shmget(TINE_IPC_PRIVATE, 4096, 0600);
	void *segment = tine_sys_shmat(id, NULL, 0);
	struct tine_shmid_ds ds = { .nattch = 0 };
	tine_pid_t pid;

	facts_section("Memory");
	pid = tine_sys_fork();
	if (pid == 0) {
		own = 2;
		if (!tine_sys_failed(page))
			*page = 2;
		(void)tine_sys_shmctl(id, TINE_IPC_STAT, &ds);
		tine_sys_exit((int)ds.nattch);
	}
	fact("processes that have a SysV segment, after fork", fact_reap(pid));
	(void)tine_sys_shmctl(id, TINE_IPC_STAT, &ds);
	fact("and when the child has ended", (long)ds.nattch);
	fact_yes("a child's store in private memory is its own", own == 1);
	if (tine_sys_failed(page))
		fact("a child's store in a shared mapping is seen",
		    (long)(intptr_t)page);
	else
		fact_yes("a child's store in a shared mapping is seen",
		    *page == 2);
	inherited("minherit(SHARE)", TINE_INHERIT_SHARE);
	inherited("minherit(COPY)", TINE_INHERIT_COPY);
	inherited("minherit(NONE)", TINE_INHERIT_NONE);
	inherited("minherit(ZERO)", TINE_INHERIT_ZERO);
	fact("minherit(DONATE)", tine_sys_minherit(page, 4096, 3));
	(void)tine_sys_shmdt(segment);
	(void)tine_sys_shmctl(id, TINE_IPC_RMID, NULL);
}

/* --- files --- */

void
facts_files(void)
{
	int fd = tine_sys_open("/facts", TINE_O_RDWR | TINE_O_CREAT, 0644);
	int queue = tine_sys_kqueue_nb(), got;
	char path[16] = "";
	tine_pid_t pid;

	facts_section("Files");
	(void)tine_sys_write(fd, "facts", 5);
	(void)tine_sys_fcntl(fd, TINE_F_SETFD, TINE_FD_CLOEXEC);
	(void)tine_sys_chdir("/");
	pid = tine_sys_fork();
	if (pid == 0) {
		got = tine_sys_fcntl(fd, TINE_F_GETFD, 0) == TINE_FD_CLOEXEC;
		got |= (tine_sys_fcntl(queue, TINE_F_GETFD, 0) >= 0) << 1;
		(void)tine_sys_lseek(fd, 1, TINE_SEEK_SET);
		(void)tine_sys_fcntl(fd, TINE_F_SETFL, TINE_O_APPEND);
		(void)tine_sys_umask(077);
		(void)tine_sys_chdir("/facts.d");
		(void)tine_sys_dup2(fd, 20);
		tine_sys_exit(got);
	}
	got = fact_reap(pid);
	fact_yes("an open file's offset is shared",
	    tine_sys_lseek(fd, 0, TINE_SEEK_CUR) == 1);
	fact_yes("its status flags are shared",
	    (tine_sys_fcntl(fd, TINE_F_GETFL, 0) & TINE_O_APPEND) != 0);
	fact_yes("close-on-exec is copied", got & 1);
	fact_yes("a descriptor that the child makes is its own",
	    tine_sys_fcntl(20, TINE_F_GETFD, 0) == -EBADF);
	fact_yes("the umask is the child's own", tine_sys_umask(022) != 077);
	(void)tine_sys_getcwd(path, sizeof(path));
	fact_yes("the current directory is the child's own",
	    strcmp(path, "/") == 0);
	if (queue < 0)
		fact("a kqueue is inherited", queue);
	else
		fact_yes("a kqueue is inherited", got & 2);
	(void)tine_sys_close(fd);
	(void)tine_sys_close(queue);
}
