/* SPDX-License-Identifier: MIT */
/* proc/exec.h - what exec takes from its caller, whichever kernel does it. */
#ifndef TINE__PROC_EXEC_H
#define TINE__PROC_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file/file.h"
#include "proc/flavour.h"

#define TINE__EXEC_STRINGS 64	/* of argv, and as many of envp */
#define TINE__EXEC_BYTES 4096	/* of all of them */

/* Large: to be taken from kernel memory. */
struct tine__exec {
	struct tine__args args;		/* points to the following two */
	const char *argv[TINE__EXEC_STRINGS];
	const char *envp[TINE__EXEC_STRINGS];
	size_t used;			/* of bytes */
	char path[TINE__PATH_MAX];
	char bytes[TINE__EXEC_BYTES];
};

/*
 * Copy path, argv and envp in, before the space that they are in goes. argv and
 * envp may be NULL.
 * @return 0, EFAULT, E2BIG, ENAMETOOLONG (the path).
 */
int tine__exec_copyin(struct tine__as *as, struct tine__exec *ex,
    const char *path, char *const *argv, char *const *envp);

/* Whom an executable makes of who runs it. */
struct tine__setid {
	bool uid_set, gid_set;
	uint32_t uid, gid;
};

/*
 * The program of a path, as an executable that who may run; a name without a
 * slash is that of a registered one.
 * @return 0, ENOENT, ENOTDIR, EACCES, ENOEXEC, ENAMETOOLONG.
 */
int tine__exec_program(const struct tine__walk *who, const char *path,
    const struct tine_program **program);
/* The same, and the set-id bits of the file. */
int tine__exec_setid(const struct tine__walk *who, const char *path,
    const struct tine_program **program, struct tine__setid *ids);

#endif
