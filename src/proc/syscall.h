/* SPDX-License-Identifier: MIT */
/* proc/syscall.h - numbers of the traps that programs make. */
#ifndef TINE__PROC_SYSCALL_H
#define TINE__PROC_SYSCALL_H

/* name, how traces print it */
#define TINE__SYS_MAP(X) \
	X(none) X(exit) X(forkx) X(forkallx) X(vforkx) X(getpid) X(getppid) \
	X(waitid) X(read) X(write) X(exec) X(spawned) X(kill) X(pause) \
	X(yield) X(nanosleep) X(time) X(mmap) X(munmap) X(brk) \
	X(lwp_create) X(lwp_exit) X(lwp_wait) X(lwp_self) X(trace) X(check) \
	X(tick)

enum tine__sys {
#define TINE__SYS_ENUM(name) TINE__SYS_##name,
	TINE__SYS_MAP(TINE__SYS_ENUM)
#undef TINE__SYS_ENUM
	TINE__SYS_COUNT
};

#endif
