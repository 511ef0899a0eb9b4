/* SPDX-License-Identifier: MIT */
/* test_signal_masks.c - what is blocked while a handler runs, on every kernel.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tine/process.h>
#include <tine/signal.h>
#include <tine/tine.h>

#include "support/harness.h"

#define BIT TINE_SIGBIT

static TINE_DATA volatile int ran, order[8];
static TINE_DATA volatile tine_sigset_t masks[8];

static void
note(int signo)
{
	tine_sigset_t mask;

	tine_check(tine_sys_sigprocmask(0, NULL, &mask) == 0);
	masks[ran] = mask;
	order[ran++] = signo;
}

static void
acts(int signo, unsigned flags, tine_sigset_t mask)
{
	struct tine_sigaction action = { .flags = 0 };

	action.handler = note;
	action.flags = flags;
	action.mask = mask;
	tine_check(tine_sys_sigaction(signo, &action, NULL) == 0);
}

static void
blocks(tine_sigset_t mask)
{
	tine_check(tine_sys_sigprocmask(TINE_SIG_SETMASK, &mask, NULL) == 0);
}

static void
sends(int signo)
{
	tine_check(tine_sys_kill(tine_sys_getpid(), signo) == 0);
}

static int
sm_masks(int argc, char **argv)
{
	tine_sigset_t mask;

	(void)argc;
	(void)argv;
	acts(SIGUSR1, 0, BIT(SIGHUP));
	acts(SIGUSR2, TINE_SA_NODEFER, 0);
	blocks(BIT(SIGTERM));
	sends(SIGUSR1);
	tine_check(ran == 1 && masks[0] == (BIT(SIGUSR1) | BIT(SIGHUP) |
	    BIT(SIGTERM)));
	sends(SIGUSR2);
	tine_check(ran == 2 && masks[1] == BIT(SIGTERM));
	tine_check(tine_sys_sigprocmask(0, NULL, &mask) == 0);
	tine_check(mask == BIT(SIGTERM));
	/* In sigsuspend it is sigsuspend's mask that the handler's adds to, so
	 * that what it lets in comes together. */
	blocks(BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGTERM));
	sends(SIGUSR1);
	sends(SIGUSR2);
	ran = 0;
	tine_check(tine_sys_sigsuspend(BIT(SIGINT)) == -EINTR);
	tine_check(ran == 2);
	tine_check(order[0] == SIGUSR2 && order[1] == SIGUSR1);
	tine_check(masks[0] == (BIT(SIGINT) | BIT(SIGUSR1) | BIT(SIGHUP)));
	tine_check(masks[1] == (BIT(SIGINT) | BIT(SIGUSR1) | BIT(SIGHUP)));
	tine_check(tine_sys_sigprocmask(0, NULL, &mask) == 0);
	tine_check(mask == (BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGTERM)));
	return (0);
}
TINE_PROGRAM(sm_masks, "what is blocked in a handler");

static void
a_handler_adds_its_mask_to_the_one_in_force(void **state)
{
	static const enum tine_kernel kernels[] = {
		TINE_KERNEL_ILLUMOS, TINE_KERNEL_OPENSOLARIS,
		TINE_KERNEL_DRAGONFLY, TINE_KERNEL_NETBSD
	};
	struct tine_options options = harness_options();

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		options.kernel = kernels[i];
		harness_passes("sm_masks", &options, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_adds_its_mask_to_the_one_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
