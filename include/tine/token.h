/* SPDX-License-Identifier: MIT */
/*
 * token.h - replay tokens.
 *
 * A token is one printable word that repeats a run exactly:
 *
 *	tine1.illumos.random.7.n2.fork_twice....
 *
 * It names the kernel, the strategy with its seed, the options that matter, the
 * programs with a hash of their arguments, every choice that differs from what
 * the strategy would choose, and every event that came from outside.
 */
#ifndef TINE_TOKEN_H
#define TINE_TOKEN_H

#include <stddef.h>

#include <tine/machine.h>

TINE_BEGIN_DECLS

/**
 * Take a token apart, as far as a command needs it: which program to register
 * and spawn before options.token repeats the run.
 */
struct tine_token_info {
	size_t size;			/* sizeof, set by the caller */
	enum tine_kernel kernel;
	enum tine_strategy strategy;
	uint64_t seed;
	unsigned ncpu;
	char program[64];		/* of the first program */
};

/**
 * @retval 0             parsed.
 * @retval -TINE_EINVAL  a NULL argument.
 * @retval -TINE_ETOKEN  malformed, truncated or damaged (it carries a
 *                       checksum); the message says where.
 */
TINE_API TINE_NODISCARD int tine_token_parse(const char *token,
    struct tine_token_info *info);

TINE_END_DECLS

#endif
