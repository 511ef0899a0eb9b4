/* SPDX-License-Identifier: MIT */
/* text.c - a text that grows, in host memory. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
reserve(struct tine__text *text, size_t more)
{
	size_t want, capacity;
	char *data;

	want = text->size + more + 1;
	if (want <= text->capacity)
		return (1);
	capacity = text->capacity == 0 ? 256 : text->capacity;
	while (capacity < want)
		capacity *= 2;
	data = realloc(text->data, capacity);
	if (data == NULL) {
		text->failed = 1;
		return (0);
	}
	text->data = data;
	text->capacity = capacity;
	return (1);
}

void
tine__text_add(struct tine__text *text, const char *data, size_t size)
{
	if (!reserve(text, size))
		return;
	if (size != 0)
		memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void
tine__text_printf(struct tine__text *text, const char *format, ...)
{
	va_list args;
	char line[1024];
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(line)) {
		tine__text_add(text, line, (size_t)n);
		return;
	}
	if (!reserve(text, (size_t)n))
		return;
	va_start(args, format);
	(void)vsnprintf(text->data + text->size, (size_t)n + 1, format, args);
	va_end(args);
	text->size += (size_t)n;
}

void
tine__text_clear(struct tine__text *text)
{
	text->size = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

void
tine__text_free(struct tine__text *text)
{
	free(text->data);
	memset(text, 0, sizeof(*text));
}

char *
tine__text_take(struct tine__text *text)
{
	char *data;

	if (text->data == NULL)
		tine__text_add(text, "", 0);
	data = text->data;
	memset(text, 0, sizeof(*text));
	return (data);
}
