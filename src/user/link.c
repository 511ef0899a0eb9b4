/* SPDX-License-Identifier: MIT */
/* link.c - symbolic links, as programs see them. */
#include <tine/file.h>

#include "user/user.h"

#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

int
tine_sys_symlink(const char *text, const char *path)
{
	return (int)tine__sys2(symlink, ADDRESS(path), ADDRESS(text));
}

int
tine_sys_symlinkat(const char *text, int dir, const char *path)
{
	return (int)tine__at(dir, symlink, ADDRESS(path), ADDRESS(text), 0);
}

long
tine_sys_readlink(const char *path, char *text, size_t size)
{
	return (long)tine__sys3(readlink, ADDRESS(path), ADDRESS(text), size);
}

long
tine_sys_readlinkat(int dir, const char *path, char *text, size_t size)
{
	return (long)tine__at(dir, readlink, ADDRESS(path), ADDRESS(text),
	    size);
}

int
tine_sys_lstat(const char *path, struct tine_stat *st)
{
	return (int)tine__sys3(stat, ADDRESS(path), ADDRESS(st), 1);
}

int
tine_sys_lstatat(int dir, const char *path, struct tine_stat *st)
{
	return (int)tine__at(dir, stat, ADDRESS(path), ADDRESS(st), 1);
}

int
tine_sys_lchown(const char *path, unsigned uid, unsigned gid)
{
	return (int)tine__sys3(lchown, ADDRESS(path), uid, gid);
}

int
tine_sys_lchownat(int dir, const char *path, unsigned uid, unsigned gid)
{
	return (int)tine__at(dir, lchown, ADDRESS(path), uid, gid);
}

int
tine_sys_lutimeat(int dir, const char *path, uint64_t ns)
{
	return (int)tine__at(dir, utime, ADDRESS(path), ns, 1);
}

int
tine_sys_linkat_follow(int dir, const char *from, int to_dir, const char *to)
{
	return (int)tine__at(dir, link_follow, ADDRESS(from), ADDRESS(to),
	    (int64_t)to_dir);
}
