/* SPDX-License-Identifier: MIT */
/* main.c - the shell from outside: options, the arena, the loop. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include "sh.h"

struct shell sh;

/* --- the arena --- */

#define CHUNK ((size_t)4096)

struct chunk {
	struct chunk *next;
	size_t used, size;
	char data[];
};

static struct chunk *chunks;

void *
arena(size_t size)
{
	struct chunk *chunk = chunks;
	size_t room;

	size = (size + 15) & ~(size_t)15;
	if (chunk == NULL || chunk->size - chunk->used < size) {
		room = size > CHUNK ? size : CHUNK;
		chunk = malloc(sizeof(*chunk) + room);
		if (chunk == NULL) {
			complain("out of memory");
			_exit(2);
		}
		chunk->next = chunks;
		chunk->used = 0;
		chunk->size = room;
		chunks = chunk;
	}
	chunk->used += size;
	return memset(chunk->data + chunk->used - size, 0, size);
}

char *
arena_copy(const char *text, size_t size)
{
	char *copy = arena(size + 1);

	return memcpy(copy, text, size);
}

void
arena_reset(void)
{
	struct chunk *next;

	for (; chunks != NULL; chunks = next) {
		next = chunks->next;
		free(chunks);
	}
}

void
text_add(struct text *text, const char *data, size_t size)
{
	char *more;

	if (text->room - text->size < size + 1) {
		text->room = (text->size + size + 1) * 2;
		more = arena(text->room);
		if (text->size != 0)
			memcpy(more, text->data, text->size);
		text->data = more;
	}
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void
complain(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	dprintf(2, "sh: %s\n", line);
}

/* --- the loop --- */

int
run_input(struct input *input)
{
	struct node *node;
	enum parsed parsed;

	input->next = input->after = -1;
	sh.inputs++;
	while (!sh.leaving) {
		job_poll(input->prompt);
		sh.interrupted = false;
		parsed = parse(input, &node);
		if (parsed == PARSE_END) {
			if (!input->prompt || !job_stopped())
				break;
			input->next = input->after = -1;
			continue;
		}
		if (parsed == PARSE_INTERRUPTED) {
			(void)!write(2, "\n", 1);
			sh.status = 130;
			continue;
		}
		if (parsed == PARSE_ERROR) {
			sh.status = 2;
			if (!input->prompt)
				break;
		} else if (node != NULL) {
			sh.status = run(node);
			if (sh.loops == 0)
				sh.breaking = 0;
		}
		if (!sh.child && sh.inputs == 1)
			arena_reset();
	}
	sh.inputs--;
	return sh.status;
}

/* Out of the way of the script's own descriptors. */
int
open_script(const char *path)
{
	const int fd = open(path, O_RDONLY);
	int high;

	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	close(fd);
	return high;
}

int
main(int argc, char **argv)
{
	struct input input = { .fd = 0 };
	int i = 1;

	/* What is in a buffer would be written again by every child. */
	setvbuf(stdout, NULL, _IONBF, 0);
	sh.pid = getpid();
	for (; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc) {
			input.string = argv[++i];
		} else if (strcmp(argv[i], "-i") == 0) {
			sh.interactive = true;
		} else if (strcmp(argv[i], "-m") == 0) {
			sh.monitor = true;
		} else {
			complain("usage: sh [-im] [-c command] [script] "
			    "[argument ...]");
			return 2;
		}
	}
	if (input.string == NULL && i < argc) {
		input.fd = open_script(argv[i++]);
		if (input.fd < 0)
			return 127;
	}
	sh.args = argv + i;
	sh.nargs = argc - i;
	if (input.string == NULL && input.fd == 0 && isatty(0))
		sh.interactive = true;
	input.prompt = sh.interactive;
	job_control(sh.interactive || sh.monitor);
	return run_input(&input);
}
