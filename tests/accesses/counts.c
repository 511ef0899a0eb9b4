/* SPDX-License-Identifier: MIT */
/*
 * counts.c - two threads count in a global variable, one of several ways; for
 * test_accesses.c.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <tine/sys.h>

static const char *how;
static int plain;
static volatile int slow;
static atomic_int exact;
static struct pair {
	int words[16];
} pair, ones;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *
count(void *arg)
{
	int *result = arg;

	if (strcmp(how, "plain") == 0) {
		plain++;
	} else if (strcmp(how, "volatile") == 0) {
		slow++;
	} else if (strcmp(how, "atomic") == 0) {
		exact++;
	} else if (strcmp(how, "cas") == 0) {
		int old = exact;

		while (!atomic_compare_exchange_weak(&exact, &old, old + 1))
			continue;
	} else if (strcmp(how, "lock") == 0) {
		pthread_mutex_lock(&lock);
		plain++;
		pthread_mutex_unlock(&lock);
	} else if (strcmp(how, "struct") == 0) {
		struct pair mine = pair;

		mine.words[0] += ones.words[0];
		pair = mine;
	}
	*result = 1;
	return (NULL);
}

int
main(int argc, char **argv)
{
	int mine = 0, other = 0, alone;
	pthread_t thread;

	how = argc > 1 ? argv[1] : "plain";
	alone = argc > 2 && strcmp(argv[2], "alone") == 0;
	ones.words[0] = 1;
	if (alone)
		count(&other);
	else
		tine_check(pthread_create(&thread, NULL, count, &other) == 0);
	count(&mine);
	if (!alone)
		tine_check(pthread_join(thread, NULL) == 0);
	tine_check(mine + other == 2);
	tine_check(plain + slow + exact + pair.words[0] == 2);
	return (0);
}
