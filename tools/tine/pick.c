/* SPDX-License-Identifier: MIT */
/* pick.c - which program is meant: a built-in one, or one of an object. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

int
load_object(const char *path)
{
	if (tine_program_load(path) < 0)
		return complain("%s", tine_error_message());
	return 0;
}

static bool
is_object(const char *text)
{
	const size_t length = strlen(text);

	return strchr(text, '/') != NULL || strstr(text, ".so:") != NULL ||
	    (length > 3 && strcmp(text + length - 3, ".so") == 0);
}

/* The programs that are there now, to tell from those that an object brings. */
static size_t
snapshot(const struct tine_program ***out)
{
	const struct tine_program *program;
	size_t count = 0;

	for (program = tine_program_first(); program != NULL;
	    program = program->next)
		count++;
	*out = malloc((count + 1) * sizeof(**out));
	if (*out == NULL)
		return 0;
	count = 0;
	for (program = tine_program_first(); program != NULL;
	    program = program->next)
		(*out)[count++] = program;
	return count;
}

static bool
among(const struct tine_program *program,
    const struct tine_program *const *list, size_t count)
{
	while (count > 0)
		if (list[--count] == program)
			return true;
	return false;
}

/* The one program that the object brought, or the one of that name. */
static int
pick_new(struct settings *settings, const char *path, const char *name,
    const struct tine_program *const *old, size_t count)
{
	const struct tine_program *program, *found = NULL;
	unsigned brought = 0;

	for (program = tine_program_first(); program != NULL;
	    program = program->next) {
		if (among(program, old, count))
			continue;
		brought++;
		if (name == NULL || strcmp(name, program->name) == 0)
			found = program;
	}
	if (found == NULL)
		return complain("%s: no program named %s in it", path, name);
	if (name == NULL && brought > 1)
		return complain("%s holds %u programs: say which, as in %s:%s",
		    path, brought, path, found->name);
	settings->program = found->name;
	return 0;
}

static int
pick_from_object(struct settings *settings)
{
	const struct tine_program **old;
	char *path = strdup(settings->program);
	char *name = path == NULL ? NULL : strrchr(path, ':');
	size_t count;
	int error;

	if (path == NULL)
		return complain("out of memory");
	/* A file of the whole name goes first, colon or not. */
	if (name != NULL && (strchr(name, '/') != NULL ||
	    access(path, F_OK) == 0))
		name = NULL;
	if (name != NULL)
		*name++ = '\0';
	count = snapshot(&old);
	error = load_object(path);
	if (error == 0)
		error = pick_new(settings, path, name, old, count);
	free(old);
	/* It is named in the line that repeats the run. */
	if (error == 0)
		settings->object = settings->object_path = path;
	else
		free(path);
	return error;
}

int
pick_program(struct settings *settings)
{
	if (is_object(settings->program))
		return pick_from_object(settings);
	if (tine_program_find(settings->program) == NULL)
		return complain("no program named \"%s\": tine list shows "
		    "those there are", settings->program);
	return 0;
}
