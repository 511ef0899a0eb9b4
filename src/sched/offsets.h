/* SPDX-License-Identifier: MIT */
/* sched/offsets.h - what the assembly knows of struct tine__thread. */
#ifndef TINE__SCHED_OFFSETS_H
#define TINE__SCHED_OFFSETS_H

#define TINE__OFF_SP 0
#define TINE__OFF_KSTACK 8
#define TINE__OFF_PCB 16
#define TINE__OFF_RIP 16
#define TINE__OFF_RSP 24
#define TINE__OFF_RBX 32
#define TINE__OFF_RBP 40
#define TINE__OFF_R12 48
#define TINE__OFF_R13 56
#define TINE__OFF_R14 64
#define TINE__OFF_R15 72
#define TINE__OFF_RAX 80
#define TINE__OFF_MODE 104

#define TINE__MODE_KERNEL 0
#define TINE__MODE_USER 1

/* A trap that assembly makes. */
#define TINE__SYS_VFORKX 4

#endif
