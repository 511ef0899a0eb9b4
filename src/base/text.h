/* SPDX-License-Identifier: MIT */
/* base/text.h - a text that grows, in host memory. */
#ifndef TINE__BASE_TEXT_H
#define TINE__BASE_TEXT_H

#include <stddef.h>

#include <tine/export.h>

/* All zero is an empty text. data is NUL-terminated once anything was added. */
struct tine__text {
	char *data;
	size_t size;
	size_t capacity;
	int failed;		/* the host had no memory: text is cut */
};

void tine__text_add(struct tine__text *text, const char *data, size_t size);
void tine__text_printf(struct tine__text *text, const char *format, ...)
    TINE_PRINTF(2, 3);
void tine__text_clear(struct tine__text *text);
void tine__text_free(struct tine__text *text);
/* The data as a string, the text empty afterwards. Never NULL: "" is malloc'ed;
 * NULL only when the host has no memory. */
char *tine__text_take(struct tine__text *text);

#endif
