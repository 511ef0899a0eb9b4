/* SPDX-License-Identifier: MIT */
/*
 * lockclass.c - the classes of locks of this kernel. Tokens have no order;
 * spin locks are taken last and one at a time.
 */
#include "proc/dragonfly/kern.h"

#define CLASS(id, text) \
	const struct tine__lockclass df_class_##id = { text, 0, false }

CLASS(proc, "proc");
CLASS(lwp, "lwp_token");
CLASS(proc_hash, "proc_tokens");
CLASS(tty, "tty_token");
CLASS(pgrp, "pgrp token");
CLASS(pglock, "pg_lock");
CLASS(map, "vm_map token");
CLASS(maplock, "vm_map lock");
CLASS(klist, "klist pool token");
CLASS(reaper, "subrp");
CLASS(p_spin, "procfork1");
CLASS(lwp_spin, "lwptoken");
CLASS(fd_spin, "fd_spin");
CLASS(ui_lock, "ui_lock");
CLASS(limit_spin, "plimit");
CLASS(shm, "shm token");
CLASS(gone, "everybody");
