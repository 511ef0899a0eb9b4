/* SPDX-License-Identifier: MIT */
/*
 * stdio.c - printf and its kin, straight to a descriptor.
 *
 * A stream is a descriptor: the pointer's value, plus one so that stdin is not
 * NULL. Nobody looks behind it. Every call is one write, where the
 * file takes all at once, and there is no buffer that a fork could copy.
 */
#include "user/posix/posix.h"

#include <stdarg.h>

#define TEXT_MAX 1024

#define STREAM(fd) ((FILE *)(uintptr_t)((fd) + 1))

FILE *P(stdin) = STREAM(0);
FILE *P(stdout) = STREAM(1);
FILE *P(stderr) = STREAM(2);

int
P(fileno)(FILE *stream)
{
	return (int)(uintptr_t)stream - 1;
}

/* --- what a stream has come to --- */

static uint32_t
bit(FILE *stream)
{
	const unsigned fd = (unsigned)P(fileno)(stream);

	return fd < TINE__STREAMS ? UINT32_C(1) << fd : 0;
}

/* A stream has come to its end, or to an error. */
static void
mark(FILE *stream, bool error)
{
	struct tine__library *lib = tine__library();

	if (lib != NULL)
		*(error ? &lib->in_error : &lib->at_end) |= bit(stream);
}

/* --- out --- */

/* All of it: a write to a pipe may take less. */
static int
all(int fd, const char *text, size_t size)
{
	ssize_t done;

	while (size != 0) {
		done = P(write)(fd, text, size);
		if (done < 0) {
			mark(STREAM(fd), true);
			return EOF;
		}
		text += done;
		size -= (size_t)done;
	}
	return 0;
}

/* What is longer than the buffer comes from the heap. */
TINE__ON_PROGRAM_STACK int
P(vdprintf)(int fd, const char *format, va_list args)
{
	char text[TEXT_MAX], *more = text;
	va_list again;
	int size;

	va_copy(again, args);
	size = vsnprintf(text, sizeof(text), format, args);
	if (size >= TEXT_MAX)
		size = P(vasprintf)(&more, format, again);
	va_end(again);
	/* vasprintf() has said why. */
	if (size < 0)
		return more == NULL ? -1 : (int)posix(-EINVAL);
	if (all(fd, more, (size_t)size) != 0)
		size = -1;
	if (more != text)
		P(free)(more);
	return size;
}

int
P(vfprintf)(FILE *stream, const char *format, va_list args)
{
	return P(vdprintf)(P(fileno)(stream), format, args);
}

int
P(vprintf)(const char *format, va_list args)
{
	return P(vdprintf)(1, format, args);
}

#define FORWARD(fd) \
	va_list args; \
	int result; \
	va_start(args, format); \
	result = P(vdprintf)((fd), format, args); \
	va_end(args); \
	return result

int
P(printf)(const char *format, ...)
{
	FORWARD(1);
}

int
P(fprintf)(FILE *stream, const char *format, ...)
{
	FORWARD(P(fileno)(stream));
}

int
P(dprintf)(int fd, const char *format, ...)
{
	FORWARD(fd);
}

int
P(fputs)(const char *text, FILE *stream)
{
	return all(P(fileno)(stream), text, strlen(text));
}

/* One write, for the same reason. */
int
P(puts)(const char *text)
{
	return P(printf)("%s\n", text) < 0 ? EOF : 0;
}

TINE__ON_PROGRAM_STACK int
P(fputc)(int c, FILE *stream)
{
	const char byte = (char)c;

	return all(P(fileno)(stream), &byte, 1) != 0 ? EOF : (unsigned char)c;
}

int
P(putc)(int c, FILE *stream)
{
	return P(fputc)(c, stream);
}

int
P(putchar)(int c)
{
	return P(fputc)(c, P(stdout));
}

size_t
P(fwrite)(const void *data, size_t size, size_t count, FILE *stream)
{
	size_t bytes;

	if (size == 0 || count == 0 ||
	    __builtin_mul_overflow(size, count, &bytes))
		return 0;
	return all(P(fileno)(stream), data, bytes) != 0 ? 0 : count;
}

/* strerror() of a known number is a constant string of libc's. */
void
P(perror)(const char *text)
{
	const int error = tine__tls()->error;

	if (text != NULL && *text != '\0')
		P(dprintf)(2, "%s: %s\n", text, strerror(error));
	else
		P(dprintf)(2, "%s\n", strerror(error));
	set_errno(error);
}

/* --- in: a byte at a time, so that nobody's input is taken --- */

int
P(feof)(FILE *stream)
{
	const struct tine__library *lib = tine__library();

	return lib != NULL && (lib->at_end & bit(stream)) != 0;
}

int
P(ferror)(FILE *stream)
{
	const struct tine__library *lib = tine__library();

	return lib != NULL && (lib->in_error & bit(stream)) != 0;
}

void
P(clearerr)(FILE *stream)
{
	struct tine__library *lib = tine__library();

	if (lib == NULL)
		return;
	lib->at_end &= ~bit(stream);
	lib->in_error &= ~bit(stream);
}

TINE__ON_PROGRAM_STACK int
P(fgetc)(FILE *stream)
{
	char byte;

	return P(fread)(&byte, 1, 1, stream) == 1 ? (unsigned char)byte : EOF;
}

int
P(getc)(FILE *stream)
{
	return P(fgetc)(stream);
}

int
P(getchar)(void)
{
	return P(fgetc)(P(stdin));
}

char *
P(fgets)(char *line, int size, FILE *stream)
{
	int used = 0, c = 0;

	if (size <= 0)
		return NULL;
	while (used < size - 1 && c != '\n') {
		c = P(fgetc)(stream);
		if (c == EOF)
			break;
		line[used++] = (char)c;
	}
	if (used == 0 && c == EOF)
		return NULL;
	line[used] = '\0';
	return line;
}

size_t
P(fread)(void *data, size_t size, size_t count, FILE *stream)
{
	size_t bytes, done = 0;
	ssize_t got = 1;

	if (size == 0 || count == 0 ||
	    __builtin_mul_overflow(size, count, &bytes))
		return 0;
	while (done < bytes && got > 0) {
		got = P(read)(P(fileno)(stream), (char *)data + done,
		    bytes - done);
		if (got > 0)
			done += (size_t)got;
	}
	if (got <= 0)
		mark(stream, got < 0);
	return done / size;
}

ssize_t
P(getdelim)(char **line, size_t *room, int delimiter, FILE *stream)
{
	size_t used = 0, more;
	char *grown;
	int c;

	if (line == NULL || room == NULL)
		return posix(-EINVAL);
	if (*line == NULL)
		*room = 0;
	do {
		c = P(fgetc)(stream);
		if (c == EOF && used == 0)
			return -1;
		if (used + 2 > *room) {
			more = *room < 60 ? 120 : 2 * *room;
			grown = P(realloc)(*line, more);
			if (grown == NULL)
				return -1;
			*line = grown;
			*room = more;
		}
		if (c != EOF)
			(*line)[used++] = (char)c;
	} while (c != EOF && c != (unsigned char)delimiter);
	(*line)[used] = '\0';
	return (ssize_t)used;
}

ssize_t
P(getline)(char **line, size_t *room, FILE *stream)
{
	return P(getdelim)(line, room, '\n', stream);
}

/* --- buffers, of which there are none --- */

int
P(fflush)(FILE *stream)
{
	(void)stream;
	return 0;
}

int
P(setvbuf)(FILE *stream, char *buffer, int mode, size_t size)
{
	(void)stream;
	(void)buffer;
	(void)mode;
	(void)size;
	return 0;
}

void
P(setbuf)(FILE *stream, char *buffer)
{
	(void)stream;
	(void)buffer;
}

void
P(setlinebuf)(FILE *stream)
{
	(void)stream;
}
