/* SPDX-License-Identifier: MIT */
/* proc/syscall.h - numbers of the traps that programs make. */
#ifndef TINE__PROC_SYSCALL_H
#define TINE__PROC_SYSCALL_H

/* How traces print them: one list for each concern. */
#define TINE__SYS_CORE_MAP(X) \
	X(none) X(exit) X(forkx) X(forkallx) X(vforkx) X(getpid) X(getppid) \
	X(waitid) X(read) X(write) X(exec) X(spawned) X(kill) X(pause) \
	X(yield) X(nanosleep) X(time) X(mmap) X(munmap) X(brk) \
	X(lwp_create) X(lwp_exit) X(lwp_wait) X(lwp_self) X(mmapx) \
	X(mprotect) X(minherit) X(shmget) X(shmat) X(shmdt) X(shmctl) \
	X(watch)
/* Signals, timers, groups and sessions. */
#define TINE__SYS_SIGNAL_MAP(X) \
	X(sigaction) X(sigprocmask) X(sigpending) X(sigsuspend) \
	X(sigtimedwait) X(sigaltstack) X(sigqueue) X(lwp_kill) X(sigreturn) \
	X(setitimer) X(alarm) X(lwp_suspend) X(lwp_continue) X(lwp_detach) \
	X(setid) X(getid) X(rlimit) X(getrusage) X(getpriority) X(setpriority) \
	X(wait_on) X(wake_on) X(robust)
/* Files, pipes, terminals. */
#define TINE__SYS_FILE_MAP(X) \
	X(open) X(close) X(dup2) X(dup3) X(fcntl) X(lseek) X(pread) \
	X(pwrite) X(readv) X(writev) X(pipe) X(poll) X(ioctl) X(fstat) \
	X(stat) X(access) X(chmod) X(ftruncate) X(mkdir) X(mkfifo) \
	X(unlink) X(rmdir) X(link) X(rename) X(getdents) X(chdir) \
	X(fchdir) X(chroot) X(getcwd) X(umask) X(setsid) X(setpgid) \
	X(getpgid) X(getsid) X(mmapf) \
	X(fchmod) X(chown) X(fchown) X(utime) X(futime) X(at) \
	X(ppoll) X(preadv) X(pwritev) X(flock) X(socketpair) \
	X(shutdown) X(send) X(recv) X(symlink) X(readlink) X(lchown) \
	X(link_nofollow) X(link_follow)
/* What only the Solaris family has; only DragonFly; only NetBSD. */
#define TINE__SYS_SOLARIS_MAP(X) \
	X(forksys) X(vfork) X(ctsys) X(tasksys) X(zonesys) X(poolsys) \
	X(sigsendsys) X(rctlsys) X(prsys) X(priocntlsys) X(corectl) \
	X(lwp_park) X(psecflags) X(privsys) X(auditsys) X(brandsys) X(pbind) \
	X(memcntl) X(profil) X(sysi86)
#define TINE__SYS_DRAGONFLY_MAP(X) \
	X(rfork) X(procctl) X(lwp_create2) X(lwp_kill2) X(extexit) X(wait4) \
	X(dfctl)
#define TINE__SYS_NETBSD_MAP(X) \
	X(nb_vfork) X(nb_clone) X(nb_rfork) X(nb_ptrace) X(nb_wait4) \
	X(nb_sysctl) X(nb_mlock) X(nb_lwpctl) X(nb_kqueue) X(nb_kevent) \
	X(nb_kevent_next) X(nb_mq_open) X(nb_rasctl) X(nb_linux_clone)
/* Not a kernel's business: everything from trace on never reaches a flavour. */
#define TINE__SYS_MACHINE_MAP(X) \
	X(trace) X(check) X(tick) X(pmap) X(loadstore) X(ncpu)

#define TINE__SYS_MAP(X) \
	TINE__SYS_CORE_MAP(X) \
	TINE__SYS_SIGNAL_MAP(X) \
	TINE__SYS_FILE_MAP(X) \
	TINE__SYS_SOLARIS_MAP(X) \
	TINE__SYS_DRAGONFLY_MAP(X) \
	TINE__SYS_NETBSD_MAP(X) \
	TINE__SYS_MACHINE_MAP(X)

/* Calls whose first argument, and calls whose result, is an address of the
 * program: traces show those as simulated addresses, never as the host's. */
#define TINE__SYS_POINTER_MAP(X) \
	X(exec) X(munmap) X(brk) X(lwp_create) X(mmapx) X(mprotect) \
	X(minherit) X(shmdt) X(watch) X(check) X(tick) X(sigpending) \
	X(memcntl) X(profil) X(brandsys) X(sigaltstack) X(sigreturn) \
	X(wait_on) X(wake_on) X(robust) X(lwp_create2) \
	X(open) X(pipe) X(poll) X(stat) X(access) X(chmod) X(mkdir) \
	X(mkfifo) X(unlink) X(rmdir) X(link) X(rename) X(chdir) \
	X(chroot) X(getcwd) X(chown) X(utime) X(ppoll) \
	X(symlink) X(readlink) X(lchown) X(link_nofollow) X(link_follow)
#define TINE__SYS_ADDRESS_MAP(X) X(mmap) X(brk) X(mmapx) X(shmat) X(mmapf)

/* What getid asks for, and what setid does. */
enum tine__id {
	TINE__ID_RUID, TINE__ID_EUID, TINE__ID_SUID,
	TINE__ID_RGID, TINE__ID_EGID, TINE__ID_SGID,
	TINE__ID_GROUPS,
	TINE__ID_SETUID, TINE__ID_SETEUID, TINE__ID_SETREUID,
	TINE__ID_SETGID, TINE__ID_SETEGID, TINE__ID_SETREGID,
	TINE__ID_SETGROUPS,
	TINE__ID_SETRESUID, TINE__ID_SETRESGID
};

enum tine__sys {
#define TINE__SYS_ENUM(name) TINE__SYS_##name,
	TINE__SYS_MAP(TINE__SYS_ENUM)
#undef TINE__SYS_ENUM
	TINE__SYS_COUNT
};

#endif
