/* SPDX-License-Identifier: MIT */
/*
 * test_kmem_misuse.c - what kernel memory says to those who misuse it.
 *
 * A report ends the host process here, because no machine runs: the test looks
 * at a child of the host, at what it said and how it ended.
 */
#include "kmem_rig.h"

#include <signal.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What a child of the host says on stderr while it does something that must
 * not return. A leak checker or a core file is none of its business.
 */
static const char *
report_of(struct fixture *f, void (*act)(struct fixture *))
{
	static char text[4096];
	const struct rlimit none = { 0, 0 };
	size_t length = 0;
	ssize_t got;
	int pipes[2], status;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)dup2(pipes[1], STDERR_FILENO);
		(void)close(pipes[0]);
		(void)close(pipes[1]);
		act(f);
		_exit(0);
	}
	(void)close(pipes[1]);
	while (length < sizeof(text) - 1 && (got = read(pipes[0],
	    text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	(void)close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
		fail_msg("status %#x instead of an abort: %s", (unsigned)status,
		    text);
	return text;
}

static void
assert_says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

/* None of these returns. */

static struct tine__cache *
proc_cache(struct fixture *f)
{
	return tine__cache_create(f->kmem, "proc", 100, 8);
}

static void
free_twice(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);
	void *object = tine__cache_alloc(cache, 0, "fork.c:12");

	tine__cache_free(cache, object);
	tine__cache_free(cache, object);
}

static void
free_interior(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);

	tine__cache_free(cache,
	    (char *)tine__cache_alloc(cache, 0, "fork.c:12") + 16);
}

static void
free_unaligned(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);

	tine__cache_free(cache,
	    (char *)tine__cache_alloc(cache, 0, "fork.c:12") + 3);
}

static void
free_null(struct fixture *f)
{
	tine__cache_free(proc_cache(f), NULL);
}

static void
free_foreign(struct fixture *f)
{
	tine__cache_free(proc_cache(f), f);
}

static void
free_to_another_cache(struct fixture *f)
{
	struct tine__cache *lwps = tine__cache_create(f->kmem, "lwp", 100, 8);

	tine__cache_free(proc_cache(f),
	    tine__cache_alloc(lwps, 0, "fork.c:12"));
}

static void
free_of_an_earlier_run(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);
	void *object = tine__cache_alloc(cache, 0, "fork.c:12");

	tine__kmem_reset(f->kmem, &f->options);
	tine__cache_free(proc_cache(f), object);
}

static void
free_large_twice(struct fixture *f)
{
	void *below, *memory;

	below = tine__kmem_alloc(f->kmem, "table", 50000, 0, "fork.c:12");
	memory = tine__kmem_alloc(f->kmem, "table", 50000, 0, "fork.c:12");
	tine__kmem_free(f->kmem, "table", below, 50000);
	tine__kmem_free(f->kmem, "table", below, 50000);
	tine__kmem_free(f->kmem, "table", memory, 50000);
}

static void
free_large_foreign(struct fixture *f)
{
	(void)tine__kmem_alloc(f->kmem, "table", 50000, 0, "fork.c:12");
	tine__kmem_free(f->kmem, "table", f, 50000);
}

static void
free_large_below_all(struct fixture *f)
{
	(void)tine__kmem_alloc(f->kmem, "table", 50000, 0, "fork.c:12");
	tine__kmem_free(f->kmem, "table", (void *)(f->base + 64), 50000);
}

static void
free_large_of_an_earlier_run(struct fixture *f)
{
	void *memory = tine__kmem_alloc(f->kmem, "table", 50000, 0,
	    "fork.c:12");

	tine__kmem_reset(f->kmem, &f->options);
	(void)tine__kmem_alloc(f->kmem, "table", 10, 0, "fork.c:12");
	tine__kmem_free(f->kmem, "table", memory, 50000);
}

static void
align_oddly(struct fixture *f)
{
	(void)tine__cache_create(f->kmem, "proc", 100, 24);
}

static void
free_wrong_size(struct fixture *f)
{
	void *memory = tine__kmem_alloc(f->kmem, "name", 100, 0, "fork.c:12");

	tine__kmem_free(f->kmem, "name", memory, 10);
}

static void
free_more_than_taken(struct fixture *f)
{
	void *memory = tine__kmem_alloc(f->kmem, "name", 100, 0, "fork.c:12");

	tine__kmem_free(f->kmem, "nome", memory, 100);
}

static void
destroy_in_use(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);

	(void)tine__cache_alloc(cache, 0, "fork.c:12");
	tine__cache_destroy(cache);
}

static void
destroy_twice(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);

	tine__cache_destroy(cache);
	tine__cache_destroy(cache);
}

static void
too_many_caches(struct fixture *f)
{
	unsigned i;

	for (i = 0; i <= TINE__KMEM_CACHES; i++)
		(void)proc_cache(f);
}

static void
sleep_without_a_client(struct fixture *f)
{
	struct tine__cache *cache;

	f->options.client.wait = NULL;
	f->options.budget = 100;
	tine__kmem_reset(f->kmem, &f->options);
	cache = proc_cache(f);
	(void)tine__cache_alloc(cache, 0, "fork.c:12");
	(void)tine__cache_alloc(cache, 0, "fork.c:12");
}

static void
misuse_is_reported_without_debug(void **state)
{
	struct fixture *f = *state;

	assert_says(report_of(f, free_twice), "double free of a proc at +0x");
	assert_says(report_of(f, free_interior),
	    "16 bytes into an object");
	assert_says(report_of(f, free_unaligned), "3 bytes into an object");
	assert_says(report_of(f, free_null), "free of a proc at NULL");
	assert_says(report_of(f, free_foreign), "at a foreign address");
	assert_says(report_of(f, free_to_another_cache), "belongs to lwp");
	assert_says(report_of(f, free_of_an_earlier_run), "not an object");
	assert_says(report_of(f, free_large_twice),
	    "double free of a table of 50000 bytes");
	assert_says(report_of(f, free_large_foreign), "not large memory");
	assert_says(report_of(f, free_large_below_all), "not large memory");
	assert_says(report_of(f, free_large_of_an_earlier_run), "double free");
	assert_says(report_of(f, align_oddly), "align");
	assert_says(report_of(f, free_wrong_size),
	    "belongs to kmem_alloc_112");
	assert_says(report_of(f, free_more_than_taken), "none is live");
	assert_says(report_of(f, destroy_in_use),
	    "cache proc destroyed with 1 live objects");
	assert_says(report_of(f, destroy_twice), "cache->alive");
	assert_says(report_of(f, too_many_caches), "no room for cache proc");
	assert_says(report_of(f, sleep_without_a_client), "out of memory");
}

/* Wild writes that address sanitizer must not see first. */
static __attribute__((noinline, no_sanitize_address)) void
poke(void *memory, size_t offset)
{
	((volatile unsigned char *)memory)[offset] = 'x';
}

static void
write_beyond(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);
	char *object = tine__cache_alloc(cache, 0, "fork.c:12");

	poke(object, 100);
	tine__cache_free(cache, object);
}

static void
write_beyond_class(struct fixture *f)
{
	char *memory = tine__kmem_alloc(f->kmem, "name", 5, 0, "fork.c:12");

	poke(memory, 7);
	tine__kmem_free(f->kmem, "name", memory, 5);
}

static void
write_beyond_large(struct fixture *f)
{
	char *memory = tine__kmem_alloc(f->kmem, "table", 44444, 0,
	    "fork.c:12");

	poke(memory, 44444);
	tine__kmem_free(f->kmem, "table", memory, 44444);
}

static void
write_after_free(struct fixture *f)
{
	struct tine__cache *cache = proc_cache(f);
	char *object = tine__cache_alloc(cache, 0, "fork.c:12");
	unsigned i;

	tine__cache_free(cache, object);
	poke(object, 41);
	for (i = 0; i < 100; i++)
		tine__cache_free(cache,
		    tine__cache_alloc(cache, 0, "other.c:1"));
}

static void
free_as_another_type(struct fixture *f)
{
	void *memory = tine__kmem_alloc(f->kmem, "name", 100, 0, "fork.c:12");

	(void)tine__kmem_alloc(f->kmem, "args", 100, 0, "exec.c:1");
	tine__kmem_free(f->kmem, "args", memory, 100);
}

static void
free_size_nearby(struct fixture *f)
{
	void *memory = tine__kmem_alloc(f->kmem, "name", 100, 0, "fork.c:12");

	tine__kmem_free(f->kmem, "name", memory, 99);
}

static void
debug_reports_say_who_took_the_object(void **state)
{
	static void (*const acts[])(struct fixture *) = {
		free_twice, free_interior, free_to_another_cache,
		write_beyond, write_beyond_class, write_beyond_large,
		write_after_free, free_as_another_type, free_size_nearby,
	};
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		assert_says(report_of(f, acts[i]), "fork.c:12");
	assert_says(report_of(f, free_twice), "double free of a proc");
	assert_says(report_of(f, free_twice), ", last taken at fork.c:12");
	assert_says(report_of(f, write_beyond), "a proc of 100 bytes was "
	    "written beyond its end, at offset 100");
	assert_says(report_of(f, write_beyond_class), "at offset 7");
	assert_says(report_of(f, write_beyond_large), "at offset 44444");
	assert_says(report_of(f, write_after_free),
	    "a proc was written at offset 40 after it was freed");
	assert_says(report_of(f, free_as_another_type),
	    "a name was freed as a args");
	assert_says(report_of(f, free_size_nearby),
	    "a name of 100 bytes was freed as one of 99");
}

static __attribute__((no_sanitize_address)) uint64_t
peek(const void *memory)
{
	return *(const volatile uint64_t *)memory;
}

static void
debug_memory_shows_what_it_is(void **state)
{
	struct fixture *f = *state;
	struct tine__cache *cache = proc_cache(f);
	char *object = tine__cache_alloc(cache, 0, TINE__WHERE);

	assert_true(peek(object) == UINT64_C(0xbaddcafebaddcafe));
	tine__cache_free(cache, object);
	assert_true(peek(object + 48) == UINT64_C(0xdeadbeefdeadbeef));
	/* It is not used again at once. */
	assert_ptr_not_equal(tine__cache_alloc(cache, TINE__KM_ZERO,
	    TINE__WHERE), object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(misuse_is_reported_without_debug),
		DEBUG_CASE(debug_reports_say_who_took_the_object),
		DEBUG_CASE(debug_memory_shows_what_it_is),
	};

	return cmocka_run_group_tests_name("kmem_misuse", tests, NULL, NULL);
}
