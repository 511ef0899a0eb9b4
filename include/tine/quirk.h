/* SPDX-License-Identifier: MIT */
/*
 * quirk.h - what a kernel did otherwise in another revision: named switches.
 *
 * A quirk is one difference between two revisions of a kernel, most of them
 * bugs that one of the two has. It bears the id that the specification gives
 * it: "OS-12". One with the id of a race, "IL-R32", takes away what keeps that
 * race from going wrong; no revision has it on, but searches can be shown to
 * find what it does. Each kernel has a preset, how that revision was; any
 * quirk can be turned on or off by itself:
 *
 *	options.kernel = TINE_KERNEL_ILLUMOS;
 *	if (tine_quirks_parse(options.kernel, "+OS-12", &options.quirks) != 0)
 *		errx(1, "%s", tine_error_message());
 */
#ifndef TINE_QUIRK_H
#define TINE_QUIRK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tine/export.h>
#include <tine/machine.h>

TINE_BEGIN_DECLS

struct tine_quirk {
	const char *id;			/* "OS-12" */
	const char *text;		/* what is so when it is on: one line */
	tine_quirks_t bit;		/* of options.quirks */
	bool preset;			/* whether that kernel has it on */
};

/** How many quirks a kernel has; 0 for a kernel that there is not. */
TINE_API size_t tine_quirk_count(enum tine_kernel kernel);

/**
 * The index-th quirk of a kernel, in the order of ids.
 *
 * @param[out] quirk  its strings are constants.
 * @return false when there is none; quirk is untouched then.
 */
TINE_API bool tine_quirk_get(enum tine_kernel kernel, size_t index,
    struct tine_quirk *quirk);

/**
 * The quirk of that id.
 *
 * @param[out] quirk  may be NULL.
 *
 * @retval 0             found.
 * @retval -TINE_EINVAL  a NULL id.
 * @retval -TINE_ENOENT  that kernel has no such quirk.
 */
TINE_API TINE_NODISCARD int tine_quirk_find(enum tine_kernel kernel,
    const char *id, struct tine_quirk *quirk);

/** All quirks that the kernel has on by itself, as a set of bits. */
TINE_API tine_quirks_t tine_quirks_preset(enum tine_kernel kernel);

/**
 * A set of quirks from words: "none", "all" and "preset" set it as a whole;
 * "+OS-12" (or "OS-12") adds one, "-OS-30" takes one away. Words are separated
 * by commas and read from left to right, beginning with the preset.
 *
 * @param[out] quirks  for options.quirks; written only on success.
 *
 * @retval 0             read.
 * @retval -TINE_EINVAL  a NULL argument, or an empty word.
 * @retval -TINE_ENOENT  a word names no quirk of that kernel.
 */
TINE_API TINE_NODISCARD int tine_quirks_parse(enum tine_kernel kernel,
    const char *words, tine_quirks_t *quirks);

/**
 * The words for a set: "preset", "none", "all", or what is not as in the
 * preset: "+OS-12,-OS-30". tine_quirks_parse() reads them back.
 *
 * @param quirks  TINE_QUIRKS_PRESET is the preset.
 * @return the length of the whole text, which is cut where size ends.
 */
TINE_API size_t tine_quirks_format(enum tine_kernel kernel,
    tine_quirks_t quirks, char *text, size_t size);

TINE_END_DECLS

#endif
