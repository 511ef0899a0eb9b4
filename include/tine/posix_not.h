/* SPDX-License-Identifier: MIT */
/*
 * posix_not.h - names of the host's that <tine/posix.h> has none for: to call
 * one of them is an error when the program is compiled. Not to be included
 * directly.
 */
#ifndef TINE_POSIX_NOT_H
#define TINE_POSIX_NOT_H

#if defined(TINE_POSIX_H) && defined(__has_attribute)
#if __has_attribute(error)

#define TINE_POSIX_NOT_MAP(X) \
	X(fopen) X(fdopen) X(freopen) X(fclose) X(popen) X(pclose) \
	X(tmpfile) X(tmpnam) X(scanf) X(vscanf) X(fscanf) X(ungetc) X(fseek) \
	X(ftell) X(rewind) X(fgetpos) X(fsetpos) X(open_memstream) \
	X(fmemopen) X(acct) \
	X(mknod) X(mknodat) \
	X(scandir) X(seekdir) X(telldir) \
	X(splice) X(tee) X(vmsplice) X(fallocate) X(posix_fallocate) \
	X(posix_fadvise) X(readahead) X(madvise) X(mlock) X(munlock) \
	X(mlockall) X(munlockall) X(mremap) X(msync) X(mincore) \
	X(posix_madvise) X(sched_rr_get_interval) X(sched_getaffinity) \
	X(sched_setaffinity) X(sched_getcpu) X(clone) X(unshare) X(setns) \
	X(pthread_getattr_np) X(pthread_attr_setstack) \
	X(pthread_attr_getstack) X(pthread_sigqueue) X(pthread_tryjoin_np) \
	X(pthread_timedjoin_np) \
	X(pthread_getcpuclockid) X(pthread_rwlock_clockrdlock) \
	X(pthread_rwlock_clockwrlock) X(pthread_setaffinity_np) \
	X(pthread_getaffinity_np) X(gettid) X(syscall) X(fexecve) \
	X(execveat) X(getlogin) X(getlogin_r) X(ttyname) X(ctermid) \
	X(gethostid) X(sethostname) X(getdomainname) X(confstr) X(crypt) \
	X(swab) X(localtime) X(gmtime) X(asctime) X(ctime) X(ctime_r) \
	X(tzset) X(strptime) X(adjtime) X(settimeofday) X(clock_adjtime) \
	X(clock_getcpuclockid) X(timespec_getres) X(dysize) X(mkstemp) \
	X(mkostemp) X(mkdtemp) X(mkstemps) X(getpass) X(vhangup) X(getgrnam) \
	X(getgrgid) X(getgrent) X(getgrouplist) X(open64) X(openat64) \
	X(creat64) X(stat64) X(lstat64) X(fstat64) X(fstatat64) X(lseek64) \
	X(pread64) X(pwrite64) X(mmap64) X(ftruncate64) X(truncate64) \
	X(readdir64) X(fopen64) X(quick_exit) X(on_exit) X(secure_getenv) \
	X(drand48) X(lrand48) X(srand48) X(initstate) X(setstate) X(mblen) \
	X(socket) X(bind) X(connect) X(listen) X(accept) X(accept4) X(sendto) \
	X(recvfrom) X(sendmsg) X(recvmsg) X(sendmmsg) X(recvmmsg) \
	X(getsockopt) X(setsockopt) X(getsockname) X(getpeername) X(sockatmark)

#define TINE__POSIX_NOT(name) \
	extern __typeof__(name) name __attribute__((error( \
	    "<tine/posix.h> has no " #name "(), and the host's would reach " \
	    "outside the machine")));
TINE_POSIX_NOT_MAP(TINE__POSIX_NOT)
#undef TINE__POSIX_NOT

#endif
#endif

#endif
