/* SPDX-License-Identifier: MIT */
/* exec.c - the arguments of exec, on their way from the caller's space. */
#include <errno.h>
#include <string.h>

#include <tine/file.h>
#include <tine/program.h>

#include "proc/exec.h"
#include "vm/vm.h"

/* The strings of argv, or of envp. */
static int
strings(struct tine__as *as, struct tine__exec *ex, char *const *user,
    const char **out, unsigned *count)
{
	size_t length;
	char *string;
	int error;

	for (*count = 0; user != NULL; (*count)++) {
		error = tine__copyin(as, &user[*count], &string,
		    sizeof(string));
		if (error != 0)
			return (error);
		if (string == NULL)
			return (0);
		if (*count == TINE__EXEC_STRINGS ||
		    ex->used == TINE__EXEC_BYTES)
			return (E2BIG);
		error = tine__copyinstr(as, string, &ex->bytes[ex->used],
		    TINE__EXEC_BYTES - ex->used, &length);
		if (error != 0)
			return (error == ENAMETOOLONG ? E2BIG : error);
		out[*count] = &ex->bytes[ex->used];
		ex->used += length + 1;	/* with its NUL */
	}
	return (0);
}

int
tine__exec_copyin(struct tine__as *as, struct tine__exec *ex,
    const char *path, char *const *argv, char *const *envp)
{
	size_t length;
	int error;

	ex->used = 0;
	ex->args.argv = ex->argv;
	ex->args.envp = ex->envp;
	error = tine__copyinstr(as, path, ex->path, sizeof(ex->path), &length);
	if (error == 0)
		error = strings(as, ex, argv, ex->argv, &ex->args.argc);
	if (error == 0)
		error = strings(as, ex, envp, ex->envp, &ex->args.envc);
	return (error);
}

int
tine__exec_program(const struct tine__walk *who, const char *path,
    const struct tine_program **program)
{
	struct tine__setid ids;

	return (tine__exec_setid(who, path, program, &ids));
}

int
tine__exec_setid(const struct tine__walk *who, const char *path,
    const struct tine_program **program, struct tine__setid *ids)
{
	struct tine__node *node;
	int error;

	ids->uid_set = ids->gid_set = false;

	if (strchr(path, '/') == NULL) {
		*program = tine_program_find(path);
		return (*program == NULL ? ENOENT : 0);
	}
	error = tine__namei(who, path, &node);
	if (error != 0)
		return (error);
	error = tine__node_access(node, who, TINE_X_OK);
	if (error == 0 && node->program == NULL)
		error = node->type == TINE__NODE_REG ? ENOEXEC : EACCES;
	*program = node->program;
	tine__node_lock(node, false);
	ids->uid_set = (node->mode & TINE_S_ISUID) != 0;
	ids->gid_set = (node->mode & TINE_S_ISGID) != 0;
	ids->uid = node->uid;
	ids->gid = node->gid;
	tine__node_unlock(node);
	tine__node_rele(node);
	return (error);
}
