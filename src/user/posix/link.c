/* SPDX-License-Identifier: MIT */
/* link.c - POSIX names of symbolic links; paths without any. */
#include "user/posix/posix.h"

#include <tine/file.h>

int
P(symlink)(const char *text, const char *path)
{
	return (int)posix(tine_sys_symlink(text, path));
}

int
P(symlinkat)(const char *text, int dir, const char *path)
{
	return (int)posix(tine_sys_symlinkat(text, dir, path));
}

ssize_t
P(readlink)(const char *path, char *text, size_t size)
{
	return posix(tine_sys_readlink(path, text, size));
}

ssize_t
P(readlinkat)(int dir, const char *path, char *text, size_t size)
{
	return posix(tine_sys_readlinkat(dir, path, text, size));
}

/* --- realpath --- */

/* The last name goes, unless there is none. */
static void
up(char path[PATH_MAX])
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

/* One name more. */
static int
down(char path[PATH_MAX], const char *name, size_t size)
{
	size_t length = strlen(path);

	if (length + 1 + size >= PATH_MAX)
		return -ENAMETOOLONG;
	if (length > 1)
		path[length++] = '/';
	memcpy(path + length, name, size);
	path[length + size] = '\0';
	return 0;
}

/* The text of a link in front of what is left; 1: it is no link. */
static TINE__ON_PROGRAM_STACK int
expand(const char *path, char left[PATH_MAX])
{
	char text[PATH_MAX];
	const size_t more = strlen(left) + 1;
	const long size = tine_sys_readlink(path, text, PATH_MAX);

	if (size < 0)
		return size == -EINVAL ? 1 : (int)size;
	if (size == 0)
		return -ENOENT;
	if ((size_t)size + 1 + more > PATH_MAX)
		return -ENAMETOOLONG;
	memmove(left + size + 1, left, more);
	memcpy(left, text, (size_t)size);
	left[size] = '/';
	return 0;
}

/* Walk what is left, name by name. The kernel says what is no directory. */
static TINE__ON_PROGRAM_STACK int
resolve(char left[PATH_MAX], char out[PATH_MAX])
{
	char name[NAME_MAX + 1];
	struct tine_stat is;
	int error = 0, links = 0;
	bool directory;
	size_t size;

	while (error == 0 && *left != '\0') {
		size = strcspn(left, "/");
		if (size > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, left, size);
		name[size] = '\0';
		directory = left[size] == '/';
		size += strspn(left + size, "/");
		memmove(left, left + size, strlen(left + size) + 1);
		if (name[0] == '\0' || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			up(out);
			continue;
		}
		error = down(out, name, strlen(name));
		if (error != 0)
			return error;
		error = expand(out, left);
		if (error == 0) {
			if (++links > 20)
				return -ELOOP;
			up(out);
			if (left[0] == '/')
				out[1] = '\0';
		} else if (error == 1) {
			error = tine_sys_stat(out, &is);
			if (error == 0 && directory &&
			    (is.mode & TINE_S_IFMT) != TINE_S_IFDIR)
				error = -ENOTDIR;
		}
	}
	return error;
}

TINE__ON_PROGRAM_STACK char *
P(realpath)(const char *restrict path, char *restrict result)
{
	char left[PATH_MAX], out[PATH_MAX] = "/";
	int error = 0;

	if (path == NULL)
		error = -EINVAL;
	else if (*path == '\0')
		error = -ENOENT;
	else if (strlen(path) >= PATH_MAX)
		error = -ENAMETOOLONG;
	else if (*path != '/')
		error = tine_sys_getcwd(out, PATH_MAX);
	if (error >= 0) {
		memcpy(left, path, strlen(path) + 1);
		error = resolve(left, out);
	}
	if (error < 0) {
		(void)posix(error);
		return NULL;
	}
	if (result == NULL)
		return P(strdup)(out);
	memcpy(result, out, strlen(out) + 1);
	return result;
}
