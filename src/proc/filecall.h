/* SPDX-License-Identifier: MIT */
/*
 * proc/filecall.h - calls on files that are the same in all kernels, for their
 * tables. They need tine__fileops.node_of, begin_walk and end_walk.
 */
#ifndef TINE__PROC_FILECALL_H
#define TINE__PROC_FILECALL_H

#include <stdint.h>

struct tine__walk;

/*
 *	fchmod fd mode			chown path uid gid
 *	fchown fd uid gid		utime path ns
 *	futime fd ns			at dir call a b c
 *	ppoll fds n ns mask masked
 *
 * ppoll: ns UINT64_MAX is for ever; masked: with that signal mask meanwhile.
 *
 * at: that call with arguments a, b and c, where a path that does not begin
 * with / begins at the directory dir. Of link and rename the second path begins
 * at c, and mkdir and its like have a path and one more argument.
 */
int64_t tine__call_fchmod(const uint64_t args[5]);
int64_t tine__call_chown(const uint64_t args[5]);
int64_t tine__call_fchown(const uint64_t args[5]);
int64_t tine__call_utime(const uint64_t args[5]);
int64_t tine__call_futime(const uint64_t args[5]);
int64_t tine__call_ppoll(const uint64_t args[5]);
int64_t tine__call_at(const uint64_t args[5]);

/* The end of walk_begin, when root and cwd are set: hold them, or what a thread
 * has in their place. And the end of walk_end. */
void tine__walk_hold(struct tine__walk *walk);
void tine__walk_rele(const struct tine__walk *walk);

#endif
