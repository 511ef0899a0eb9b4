/* SPDX-License-Identifier: MIT */
/*
 * program.c - the registry of programs, and shared objects that bring some.
 *
 * One list for the host process, sorted by name, because programs register
 * themselves before main() runs and before there is any machine. It is the
 * only thing in tine that machines share; they read it while they are created
 * and booted, and it does not change while one runs.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/program.h>

#include "base/error.h"
#include "file/file.h"
#include "vm/vm.h"

static struct {
	pthread_mutex_t lock;
	struct tine_program *first;
	unsigned count;
} registry = { PTHREAD_MUTEX_INITIALIZER, NULL, 0 };

/* The link that points to the first program whose name is not before this. The
 * lock is held. */
static struct tine_program **
place(const char *name)
{
	struct tine_program **link = &registry.first;

	while (*link != NULL && strcmp((*link)->name, name) < 0)
		link = (struct tine_program **)(uintptr_t)&(*link)->next;
	return link;
}

int
tine_program_add(struct tine_program *program)
{
	struct tine_program **link;
	uintptr_t start, end;
	bool taken;

	if (program == NULL || program->name == NULL ||
	    program->name[0] == '\0' || program->main == NULL)
		return tine__error(TINE_EINVAL,
		    "a program needs a name and a main function");
	/* It is a file in /bin. */
	if (strchr(program->name, '/') != NULL || program->name[0] == '.' ||
	    strlen(program->name) > TINE__NAME_MAX)
		return tine__error(TINE_EINVAL,
		    "%.40s cannot be the name of a file in /bin",
		    program->name);
	start = (uintptr_t)program->data_start;
	end = (uintptr_t)program->data_end;
	if (start % TINE__PAGE != 0 || end % TINE__PAGE != 0 || start > end)
		return tine__error(TINE_EINVAL, "the data of program %s does "
		    "not begin and end at page borders", program->name);

	pthread_mutex_lock(&registry.lock);
	link = place(program->name);
	taken = *link != NULL && strcmp((*link)->name, program->name) == 0;
	if (!taken) {
		program->next = *link;
		*link = program;
		registry.count++;
	}
	pthread_mutex_unlock(&registry.lock);
	if (taken)
		return tine__error(TINE_EEXIST,
		    "there is a program of the name %s already",
		    program->name);
	return 0;
}

int
tine_program_remove(struct tine_program *program)
{
	struct tine_program **link;
	bool found;

	if (program == NULL || program->name == NULL)
		return tine__error(TINE_EINVAL, "no program to remove");
	pthread_mutex_lock(&registry.lock);
	link = place(program->name);
	found = *link == program;
	if (found) {
		*link = (struct tine_program *)(uintptr_t)program->next;
		program->next = NULL;
		registry.count--;
	}
	pthread_mutex_unlock(&registry.lock);
	if (!found)
		return tine__error(TINE_ENOENT,
		    "the program %s is not registered", program->name);
	return 0;
}

const struct tine_program *
tine_program_find(const char *name)
{
	const struct tine_program *program;

	if (name == NULL)
		return NULL;
	pthread_mutex_lock(&registry.lock);
	program = *place(name);
	pthread_mutex_unlock(&registry.lock);
	if (program == NULL || strcmp(program->name, name) != 0)
		return NULL;
	return program;
}

const struct tine_program *
tine_program_first(void)
{
	const struct tine_program *program;

	pthread_mutex_lock(&registry.lock);
	program = registry.first;
	pthread_mutex_unlock(&registry.lock);
	return program;
}

static unsigned
count(void)
{
	unsigned programs;

	pthread_mutex_lock(&registry.lock);
	programs = registry.count;
	pthread_mutex_unlock(&registry.lock);
	return programs;
}

/* The dynamic linker looks for a bare name in its own folders, not here. */
static void *
open_object(const char *path)
{
	const size_t size = strlen(path) + sizeof("./");
	void *handle;
	char *here;

	/* Every symbol now: one that is missing is an error here, and not the
	 * end of the host process when a program first calls it. */
	if (strchr(path, '/') != NULL)
		return dlopen(path, RTLD_NOW | RTLD_LOCAL);
	here = malloc(size);
	if (here == NULL)
		return NULL;
	snprintf(here, size, "./%s", path);
	handle = dlopen(here, RTLD_NOW | RTLD_LOCAL);
	free(here);
	return handle;
}

/* One line: the dynamic linker's text may have several. */
static int
load_error(const char *path, const char *text)
{
	int length;

	if (text == NULL)
		text = "the host has no memory for it";
	length = (int)strcspn(text, "\n");
	/* It mostly names the file itself. */
	if (strstr(text, path) != NULL)
		return tine__error(TINE_ELOAD, "%.*s", length, text);
	return tine__error(TINE_ELOAD, "%s: %.*s", path, length, text);
}

int
tine_program_load(const char *path)
{
	const unsigned before = count();
	char refused[160];
	void *handle;
	unsigned after;

	if (path == NULL)
		return tine__error(TINE_EINVAL, "no path to load");
	/* Constructors report through the message alone. */
	tine__error(TINE_EEXIST, "%s", "");
	handle = open_object(path);
	if (handle == NULL)
		return load_error(path, dlerror());
	after = count();
	if (after != before)
		return (int)(after - before);
	snprintf(refused, sizeof(refused), "%s", tine_error_message());
	dlclose(handle);
	if (refused[0] != '\0')
		return tine__error(TINE_ELOAD, "%s: %s", path, refused);
	return tine__error(TINE_ELOAD, "%s: no programs in it that are not "
	    "here already (TINE_PROGRAM defines one)", path);
}
