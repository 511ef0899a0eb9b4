/* SPDX-License-Identifier: MIT */
/*
 * error.h - error codes of the host plane.
 *
 * Every host-plane function (tine_<noun>_<verb>) returns 0 or a negative code
 * from this list. Simulated programs get the errno of their kernel instead
 * (see sys.h).
 */
#ifndef TINE_ERROR_H
#define TINE_ERROR_H

#include <tine/export.h>

TINE_BEGIN_DECLS

/* code, number, what it says */
#define TINE_ERROR_MAP(X) \
	X(EINVAL, 1, "an argument is out of range") \
	X(ENOMEM, 2, "the host has no memory for it") \
	X(ESTATE, 3, "the machine is not in a state that allows it") \
	X(ENOENT, 4, "no such program, kernel or strategy") \
	X(EEXIST, 5, "the name is taken") \
	X(EPROGRAM, 6, "only a simulated program may call it") \
	X(ETOKEN, 7, "the replay token cannot be read") \
	X(ELOAD, 8, "the shared object cannot be used") \
	X(ESLOTS, 9, "too many machines at once") \
	X(EHOST, 10, "the host refused a system call") \
	X(EIO, 11, "the output could not be written")

enum tine_error {
#define TINE_ERROR_ENUM(name, number, text) TINE_##name = (number),
	TINE_ERROR_MAP(TINE_ERROR_ENUM)
#undef TINE_ERROR_ENUM
	TINE_ERROR_END
};

/**
 * What a code means.
 *
 * @param code  a negative code as returned, or its positive value.
 * @return a constant string; "no error" for 0, "unknown error" otherwise.
 */
TINE_API const char *tine_strerror(int code);

/** The name of a code, "TINE_EINVAL"; "TINE_?" for an unknown one. */
TINE_API const char *tine_error_name(int code);

/**
 * The message of the last host-plane call that failed on this host thread: one
 * line, without a newline, that says what was wrong with what.
 *
 * @return a string that lives until the next failing call on this host thread;
 *         "" when no call has failed.
 */
TINE_API const char *tine_error_message(void);

TINE_END_DECLS

#endif
