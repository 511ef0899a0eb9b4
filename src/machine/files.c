/* SPDX-License-Identifier: MIT */
/*
 * files.c - files as the host program gives and takes them, and what each
 * process wrote to the console.
 */
#include <stdlib.h>
#include <string.h>

#include <tine/file.h>

#include "base/error.h"
#include "file/impl.h"

/* --- before a run --- */

static void
hostfile_free(struct tine__hostfile *file)
{
	free(file->path);
	free(file->data);
}

static void
hostfiles_free(struct tine__hostfile **files, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		hostfile_free(&(*files)[i]);
	free(*files);
	*files = NULL;
	*n = 0;
}

void
tine__files_free(struct tine_machine *m)
{
	hostfiles_free(&m->files, &m->nfiles);
	hostfiles_free(&m->saved, &m->nsaved);
	free(m->writers);
	m->writers = NULL;
	m->nwriters = m->writers_capacity = 0;
	tine__text_free(&m->console_of);
	tine__text_free(&m->typed.early);
	tine__text_free(&m->typed.line);
	tine__text_free(&m->typed.ready);
	tine__text_free(&m->typed.ends);
}

/* Nothing was typed, written or saved yet. */
void
tine__files_reset(struct tine_machine *m)
{
	hostfiles_free(&m->saved, &m->nsaved);
	m->nwriters = 0;
	tine__text_clear(&m->typed.early);
	m->typed.early_eof = false;
	tine__text_clear(&m->typed.line);
	tine__text_clear(&m->typed.ready);
	tine__text_clear(&m->typed.ends);
	m->typed.next = m->typed.next_end = 0;
	memset(&m->fs, 0, sizeof(m->fs));
}

uint64_t
tine__files_digest(const struct tine_machine *m)
{
	uint64_t sum = m->nfiles;
	const char *at;
	size_t i, j;

	for (i = 0; i < m->nfiles; i++) {
		for (at = m->files[i].path; *at != '\0'; at++)
			sum = tine__mix(sum, (unsigned char)*at);
		sum = tine__mix(sum, m->files[i].size);
		for (j = 0; j < m->files[i].size; j++)
			sum = tine__mix(sum,
			    (unsigned char)m->files[i].data[j]);
	}
	return (sum >> 32 | (m->nfiles != 0));
}

static bool
hostfile_fill(struct tine__hostfile *file, const char *path, const void *data,
    size_t size)
{
	file->path = strdup(path);
	file->data = malloc(size + 1);
	file->size = size;
	if (file->path == NULL || file->data == NULL) {
		hostfile_free(file);
		return (false);
	}
	if (size != 0)
		memcpy(file->data, data, size);
	file->data[size] = '\0';
	return (true);
}

static bool
hostfile_add(struct tine__hostfile **files, size_t *n, const char *path,
    const void *data, size_t size)
{
	struct tine__hostfile *list;

	list = realloc(*files, (*n + 1) * sizeof(*list));
	if (list == NULL)
		return (false);
	*files = list;
	if (!hostfile_fill(&list[*n], path, data, size))
		return (false);
	++*n;
	return (true);
}

static struct tine__hostfile *
hostfile_find(struct tine__hostfile *files, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].path, path) == 0)
			return (&files[i]);
	return (NULL);
}

/* Absolute, with components that are names, and not where something else is. */
static bool
good_path(const char *path)
{
	static const char *const taken[] = { "/bin", "/dev" };
	const char *at = path;
	size_t length;

	if (strlen(path) >= TINE__PATH_MAX || *path != '/')
		return (false);
	while (*at != '\0') {
		length = strcspn(++at, "/");
		if (length == 0 || length > TINE__NAME_MAX ||
		    (at[0] == '.' && (length == 1 ||
		    (length == 2 && at[1] == '.'))))
			return (false);
		at += length;
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		length = strlen(taken[i]);
		if (strncmp(path, taken[i], length) == 0 &&
		    (path[length] == '\0' || path[length] == '/'))
			return (false);
	}
	return (strcmp(path, "/tmp") != 0);
}

/* Whether one of two files would have to be a directory for the other. */
static bool
in_the_way(const struct tine_machine *m, const char *path)
{
	const size_t length = strlen(path);
	size_t other;

	for (size_t i = 0; i < m->nfiles; i++) {
		other = strlen(m->files[i].path);
		if (other < length ? path[other] == '/' &&
		    strncmp(path, m->files[i].path, other) == 0 :
		    other > length && m->files[i].path[length] == '/' &&
		    strncmp(path, m->files[i].path, length) == 0)
			return (true);
	}
	return (false);
}

static void
hostfile_remove(struct tine_machine *m, struct tine__hostfile *file)
{
	hostfile_free(file);
	m->nfiles--;
	memmove(file, file + 1,
	    (size_t)(m->files + m->nfiles - file) * sizeof(*file));
}

int
tine_machine_file(struct tine_machine *m, const char *path, const void *data,
    size_t size)
{
	struct tine__hostfile *file, new;
	int error = tine__machine_known(m, "file");

	if (error != 0)
		return (error);
	if (path == NULL)
		return (tine__error(TINE_EINVAL, "file: NULL path"));
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "file: the machine is running"));
	if (!good_path(path) || in_the_way(m, path))
		return (tine__error(TINE_EINVAL,
		    "file: no file can be at %s", path));
	if (size > FILE_BLOCKS * FILE_BLOCK)
		return (tine__error(TINE_EINVAL,
		    "file: %s has more than 16 MiB", path));
	file = hostfile_find(m->files, m->nfiles, path);
	if (data == NULL) {
		if (file != NULL)
			hostfile_remove(m, file);
		return (0);
	}
	if (file != NULL) {
		if (hostfile_fill(&new, path, data, size)) {
			hostfile_free(file);
			*file = new;
			return (0);
		}
	} else if (hostfile_add(&m->files, &m->nfiles, path, data, size)) {
		return (0);
	}
	return (tine__error(TINE_ENOMEM, "file: no host memory for %s", path));
}

/* --- after a run --- */

/* A regular file into the host's memory; one that the host has no memory for
 * is as if it were not there. */
static void
save_file(struct tine_machine *m, const char *path, struct tine__node *node)
{
	const size_t size = (size_t)tine__node_size(node);
	struct tine__uio uio = { .resid = size, .kernel = true };
	char *data = malloc(size + 1);

	if (data == NULL)
		return;
	uio.base = (uintptr_t)data;
	(void)tine__reg_read((struct tine__reg *)node, &uio);
	(void)hostfile_add(&m->saved, &m->nsaved, path, data, size);
	free(data);
}

/* path has room for one more name. */
static void
save_dir(struct tine_machine *m, char path[TINE__PATH_MAX],
    const struct tine__dir *dir)
{
	const size_t length = strlen(path);
	const struct tine__entry *entry;

	for (entry = dir->first; entry != NULL; entry = entry->next) {
		if (length + strlen(entry->name) + 2 > TINE__PATH_MAX)
			continue;
		path[length] = '/';
		strcpy(path + length + 1, entry->name);
		if (entry->node->type == TINE__NODE_DIR)
			save_dir(m, path,
			    (const struct tine__dir *)entry->node);
		else if (entry->node->type == TINE__NODE_REG)
			save_file(m, path, entry->node);
	}
	path[length] = '\0';
}

/*
 * Keep what programs have left. An explorer runs a machine thousands of times
 * and nobody looks at the files of each.
 */
void
tine__files_save(struct tine_machine *m)
{
	char path[TINE__PATH_MAX] = "";

	if (m->explorer != NULL || m->fs.root == NULL || !m->fs.populated)
		return;
	hostfiles_free(&m->saved, &m->nsaved);
	save_dir(m, path, (const struct tine__dir *)m->fs.root);
}

static int
after(const struct tine_machine *m, bool nothing, const char *what)
{
	int error = tine__machine_known(m, what);

	if (error != 0)
		return (error);
	if (nothing)
		return (tine__error(TINE_EINVAL, "%s: NULL argument", what));
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "%s: the machine is running", what));
	return (0);
}

long
tine_machine_file_after(struct tine_machine *m, const char *path,
    const char **data)
{
	const struct tine__hostfile *file;
	int error = after(m, path == NULL || data == NULL, "file");

	if (error != 0)
		return (error);
	file = hostfile_find(m->saved, m->nsaved, path);
	if (file == NULL)
		return (tine__error(TINE_ENOENT, "file: the last run left no "
		    "file at %s", path));
	*data = file->data;
	return ((long)file->size);
}

/* --- who wrote what to the console --- */

/* size more bytes of the transcript are a process's. */
void
tine__console_note(struct tine_machine *m, int pid, size_t size)
{
	size_t capacity;
	void *list;

	if (m->nwriters != 0 && m->writers[m->nwriters - 1].pid == pid) {
		m->writers[m->nwriters - 1].size += size;
		return;
	}
	if (m->nwriters == m->writers_capacity) {
		capacity = m->writers_capacity == 0 ? 64 :
		    m->writers_capacity * 2;
		list = realloc(m->writers, capacity * sizeof(*m->writers));
		if (list == NULL)
			tine__panic("the host has no memory for the console");
		m->writers = list;
		m->writers_capacity = capacity;
	}
	m->writers[m->nwriters].pid = pid;
	m->writers[m->nwriters++].size = size;
}

long
tine_machine_console_of(struct tine_machine *m, int pid, const char **text)
{
	size_t at = 0;
	int error = after(m, text == NULL, "console");

	if (error != 0)
		return (error);
	tine__text_clear(&m->console_of);
	tine__text_add(&m->console_of, "", 0);
	for (size_t i = 0; i < m->nwriters; i++) {
		if (m->writers[i].pid == pid)
			tine__text_add(&m->console_of, m->console.data + at,
			    m->writers[i].size);
		at += m->writers[i].size;
	}
	if (m->console_of.failed)
		return (tine__error(TINE_ENOMEM, "console: no host memory"));
	*text = m->console_of.data != NULL ? m->console_of.data : "";
	return ((long)m->console_of.size);
}
