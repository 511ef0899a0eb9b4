/* SPDX-License-Identifier: MIT */
/*
 * state.c - functions for which a C library keeps a state: the environment,
 * random numbers, strtok. Theirs is in the process's memory; and qsort, for
 * which libc may take memory from the host.
 */
#include "user/posix/posix.h"

/* --- the environment --- */

/* Where name (up to '=') is among the variables; NULL. */
static char **
variable(const struct tine__library *lib, const char *name, size_t size)
{
	char **at;

	for (at = lib->environ; at != NULL && *at != NULL; at++)
		if (strncmp(*at, name, size) == 0 && (*at)[size] == '=')
			return at;
	return NULL;
}

char *
P(getenv)(const char *name)
{
	const size_t size = strlen(name);
	const struct tine__library *lib = tine__library();
	char **at = lib == NULL ? NULL : variable(lib, name, size);

	return at == NULL ? NULL : *at + size + 1;
}

static bool
good(const char *name)
{
	return name != NULL && *name != '\0' && strchr(name, '=') == NULL;
}

/* The array with one more place, in the heap. */
static bool
grow(struct tine__library *lib)
{
	size_t n = 0;
	char **more;

	while (lib->environ != NULL && lib->environ[n] != NULL)
		n++;
	more = tine_malloc((n + 2) * sizeof(*more));
	if (more == NULL)
		return false;
	if (n != 0)
		memcpy(more, lib->environ, n * sizeof(*more));
	more[n] = more[n + 1] = NULL;
	tine_free(lib->environ_ours);
	lib->environ = lib->environ_ours = more;
	return true;
}

int
P(setenv)(const char *name, const char *value, int overwrite)
{
	struct tine__library *lib = tine__library();
	char **at, *text;

	if (!good(name))
		return (int)posix(-EINVAL);
	if (lib == NULL)
		return (int)posix(-ENOMEM);
	at = variable(lib, name, strlen(name));
	if (at != NULL && !overwrite)
		return 0;
	/* What it was may be on the stack, or in somebody's hands. */
	if (P(asprintf)(&text, "%s=%s", name, value) < 0)
		return -1;
	if (at == NULL) {
		if (!grow(lib)) {
			tine_free(text);
			return (int)posix(-ENOMEM);
		}
		for (at = lib->environ; *at != NULL; at++)
			continue;
	}
	*at = text;
	return 0;
}

int
P(unsetenv)(const char *name)
{
	struct tine__library *lib = tine__library();
	char **at;

	if (!good(name))
		return (int)posix(-EINVAL);
	while (lib != NULL &&
	    (at = variable(lib, name, strlen(name))) != NULL)
		for (; *at != NULL; at++)
			at[0] = at[1];
	return 0;
}

/* The string itself becomes a part of the environment. */
int
P(putenv)(char *text)
{
	struct tine__library *lib = tine__library();
	const char *end = strchr(text, '=');
	char **at;

	if (end == NULL)
		return P(unsetenv)(text);
	if (end == text)
		return (int)posix(-EINVAL);
	if (lib == NULL)
		return (int)posix(-ENOMEM);
	at = variable(lib, text, (size_t)(end - text));
	if (at == NULL) {
		if (!grow(lib))
			return (int)posix(-ENOMEM);
		for (at = lib->environ; *at != NULL; at++)
			continue;
	}
	*at = text;
	return 0;
}

int
P(clearenv)(void)
{
	struct tine__library *lib = tine__library();

	if (lib == NULL)
		return 0;
	tine_free(lib->environ_ours);
	lib->environ = lib->environ_ours = NULL;
	return 0;
}

/* Where there is no library page, for nobody's. */
char ***
tine_posix_environ(void)
{
	static __thread char **nobody;
	struct tine__library *lib = tine__library();

	return lib == NULL ? &nobody : &lib->environ;
}

/* --- random numbers: POSIX's example of rand(), with 31 bits --- */

void
P(srand)(unsigned seed)
{
	struct tine__library *lib = tine__library();

	/* rand() without it is as after srand(1). */
	if (lib != NULL)
		lib->random = seed == 1 ? 0 : seed ^ 1;
}

int
P(rand)(void)
{
	struct tine__library *lib = tine__library();
	uint32_t x;

	if (lib == NULL)
		return 0;
	x = (lib->random ^ 1) * UINT32_C(1103515245) + 12345;
	lib->random = x ^ 1;
	/* The low bits of such a sequence repeat soon. */
	x ^= x >> 16;
	x *= UINT32_C(0x7feb352d);
	return (int)((x ^ x >> 15) & RAND_MAX);
}

void
P(srandom)(unsigned seed)
{
	P(srand)(seed);
}

long
P(random)(void)
{
	return P(rand)();
}

/* --- strings --- */

char *
P(strtok)(char *text, const char *delimiters)
{
	struct tine__library *lib = tine__library();

	return lib == NULL ? NULL : strtok_r(text, delimiters, &lib->token);
}

/* --- sorting: in place, by a heap --- */

static void
swap(char *a, char *b, size_t size)
{
	size_t i;
	char c;

	for (i = 0; i < size; i++) {
		c = a[i];
		a[i] = b[i];
		b[i] = c;
	}
}

/* Let the element at root sink to its place among the first n. */
static void
sink(char *base, size_t root, size_t n, size_t size, __compar_fn_t compare)
{
	size_t child;

	while ((child = 2 * root + 1) < n) {
		if (child + 1 < n && compare(base + child * size,
		    base + (child + 1) * size) < 0)
			child++;
		if (compare(base + root * size, base + child * size) >= 0)
			return;
		swap(base + root * size, base + child * size, size);
		root = child;
	}
}

void
P(qsort)(void *data, size_t count, size_t size, __compar_fn_t compare)
{
	char *const base = data;
	size_t i;

	for (i = count / 2; i-- != 0;)
		sink(base, i, count, size, compare);
	for (i = count; i-- > 1;) {
		swap(base, base + i * size, size);
		sink(base, 0, i, size, compare);
	}
}
