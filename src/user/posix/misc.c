/* SPDX-License-Identifier: MIT */
/*
 * misc.c - POSIX names of what a system says about itself, of getopt(), and of
 * signals in words.
 */
#include "user/posix/posix.h"

#include <sys/utsname.h>

#include <tine/file.h>
#include <tine/signal.h>

/* --- the system --- */

static long
limit(__rlimit_resource_t resource)
{
	struct rlimit is;

	return P(getrlimit)(resource, &is) != 0 ||
	    is.rlim_cur > (rlim_t)LONG_MAX ? -1 : (long)is.rlim_cur;
}

TINE__ON_PROGRAM_STACK long
P(sysconf)(int name)
{
	switch (name) {
	case _SC_PAGESIZE:
		return P(getpagesize)();
	case _SC_CLK_TCK:
		return 100;
	case _SC_OPEN_MAX:
		return limit(RLIMIT_NOFILE);
	case _SC_CHILD_MAX:
		return limit(RLIMIT_NPROC);
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
		return (long)tine__sys0(ncpu);
	case _SC_NGROUPS_MAX:
		return 16;
	case _SC_IOV_MAX:
		return TINE_IOV_MAX;
	case _SC_ATEXIT_MAX:
		return TINE__ATEXIT;
	case _SC_TIMER_MAX:
		return TINE__TIMERS;
	case _SC_THREAD_KEYS_MAX:
		return TINE__KEYS;
	case _SC_RTSIG_MAX:
		return SIGRTMAX - SIGRTMIN + 1;
	case _SC_JOB_CONTROL:
	case _SC_SAVED_IDS:
		return 1;
	case _SC_THREADS:
	case _SC_SEMAPHORES:
	case _SC_TIMERS:
	case _SC_MAPPED_FILES:
	case _SC_SPAWN:
		return 200809L;
	default:
		return (long)posix(-EINVAL);
	}
}

static long
path_limit(int name)
{
	switch (name) {
	case _PC_PIPE_BUF:
		return PIPE_BUF;
	case _PC_NAME_MAX:
		return 255;
	case _PC_PATH_MAX:
		return 1024;
	case _PC_LINK_MAX:
		return INT_MAX;
	case _PC_CHOWN_RESTRICTED:
	case _PC_NO_TRUNC:
		return 1;
	case _PC_VDISABLE:
		return 0;
	default:
		return (long)posix(-EINVAL);
	}
}

TINE__ON_PROGRAM_STACK long
P(pathconf)(const char *path, int name)
{
	struct tine_stat is;
	const int result = tine_sys_stat(path, &is);

	return result != 0 ? (long)posix(result) : path_limit(name);
}

TINE__ON_PROGRAM_STACK long
P(fpathconf)(int fd, int name)
{
	struct tine_stat is;
	const int result = tine_sys_fstat(fd, &is);

	return result != 0 ? (long)posix(result) : path_limit(name);
}

int
P(getdtablesize)(void)
{
	return (int)P(sysconf)(_SC_OPEN_MAX);
}

int
P(uname)(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	memcpy(name->sysname, "tine", 5);
	memcpy(name->nodename, "machine", 8);
	memcpy(name->release, "1", 2);
	memcpy(name->version, "1", 2);
	memcpy(name->machine, "x86_64", 7);
	return 0;
}

int
P(gethostname)(char *name, size_t size)
{
	if (size < 8)
		return (int)posix(-ENAMETOOLONG);
	memcpy(name, "machine", 8);
	return 0;
}

/* --- descriptors --- */

/* Memory is all there is behind files. */
void
P(sync)(void)
{
}

int
P(close_range)(unsigned first, unsigned last, int flags)
{
	const unsigned end = (unsigned)P(getdtablesize)();
	unsigned fd;

	if (first > last || (flags & ~CLOSE_RANGE_CLOEXEC) != 0)
		return (int)posix(-EINVAL);
	for (fd = first; fd <= last && fd < end; fd++) {
		if (flags != 0)
			(void)tine_sys_fcntl((int)fd, TINE_F_SETFD,
			    TINE_FD_CLOEXEC);
		else
			(void)tine_sys_close((int)fd);
	}
	return 0;
}

void
P(closefrom)(int first)
{
	(void)P(close_range)(first < 0 ? 0 : (unsigned)first, UINT_MAX, 0);
}

int
P(chroot)(const char *path)
{
	return (int)posix(tine_sys_chroot(path));
}

char *
P(get_current_dir_name)(void)
{
	return P(getcwd)(NULL, 0);
}

/* --- signals in words --- */

void
P(psignal)(int signo, const char *text)
{
	P(dprintf)(2, "%s%s%s\n", text != NULL ? text : "",
	    text != NULL && *text != '\0' ? ": " : "", strsignal(signo));
}

void
P(psiginfo)(const siginfo_t *info, const char *text)
{
	P(psignal)(info->si_signo, text);
}

/* --- getopt: the process's own state --- */

char **
tine_posix_optarg(void)
{
	static __thread char *nothing;
	struct tine__library *lib = tine__library();

	return lib == NULL ? &nothing : &lib->optarg;
}

/* Three numbers that begin as 1, 1 and '?'. */
static struct tine__library *
options(void)
{
	struct tine__library *lib = tine__library();

	if (lib != NULL && lib->optopt == 0) {
		lib->optind = lib->opterr = 1;
		lib->optopt = '?';
	}
	return lib;
}

static __thread int nobody;

int *
tine_posix_optind(void)
{
	struct tine__library *lib = options();

	return lib == NULL ? &nobody : &lib->optind;
}

int *
tine_posix_opterr(void)
{
	struct tine__library *lib = options();

	return lib == NULL ? &nobody : &lib->opterr;
}

int *
tine_posix_optopt(void)
{
	struct tine__library *lib = options();

	return lib == NULL ? &nobody : &lib->optopt;
}

static int
complain(const struct tine__library *lib, char *const argv[], const char *known,
    const char *what)
{
	if (lib->opterr && *known != ':')
		P(dprintf)(2, "%s: %s -- '%c'\n", argv[0], what, lib->optopt);
	return '?';
}

/* As POSIX has it: operands end the options. */
int
P(getopt)(int argc, char *const argv[], const char *known)
{
	struct tine__library *lib = options();
	const char *at, *skip = *known == '+' ? known + 1 : known;
	int c;

	if (lib == NULL)
		return -1;
	/* optind 0 begins anew. */
	if (lib->optind == 0) {
		lib->optind = 1;
		lib->optnext = NULL;
	}
	lib->optarg = NULL;
	if (lib->optnext == NULL || *lib->optnext == '\0') {
		if (lib->optind >= argc || argv[lib->optind] == NULL ||
		    argv[lib->optind][0] != '-' ||
		    argv[lib->optind][1] == '\0')
			return -1;
		if (strcmp(argv[lib->optind], "--") == 0) {
			lib->optind++;
			return -1;
		}
		lib->optnext = argv[lib->optind] + 1;
	}
	c = (unsigned char)*lib->optnext++;
	at = c == ':' ? NULL : strchr(skip, c);
	if (*lib->optnext == '\0')
		lib->optind++;
	if (at == NULL) {
		lib->optopt = c;
		return complain(lib, argv, skip, "invalid option");
	}
	if (at[1] != ':')
		return c;
	if (*lib->optnext != '\0') {
		lib->optarg = (char *)(uintptr_t)lib->optnext;
		lib->optind++;
	} else if (at[2] != ':' && lib->optind < argc) {
		lib->optarg = argv[lib->optind++];
	} else if (at[2] != ':') {
		lib->optopt = c;
		lib->optnext = NULL;
		return *skip == ':' ? ':' : complain(lib, argv, skip,
		    "option requires an argument");
	}
	lib->optnext = NULL;
	return c;
}
