/* SPDX-License-Identifier: MIT */
/*
 * key.c - pthread_key_create() and the values that threads have for keys.
 *
 * A key that is made anew has no value anywhere, though a thread may still have
 * one for the key that had the number before: each use of a number has a turn,
 * and a value counts only in the turn in which it was set.
 */
#include "user/posix/posix.h"

/* Threads may come at once: the first table wins, a number is taken by one. */
int
P(pthread_key_create)(pthread_key_t *key, void (*destroy)(void *))
{
	struct tine__library *lib = tine__library();
	struct tine__key *keys, *none = NULL;
	uint32_t is;
	unsigned i;

	if (lib == NULL)
		return ENOMEM;
	if (lib->keys == NULL) {
		keys = tine_calloc(TINE__KEYS, sizeof(*keys));
		if (keys == NULL)
			return ENOMEM;
		if (!__atomic_compare_exchange_n(&lib->keys, &none, keys,
		    false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			tine_free(keys);
	}
	for (i = 0; i < TINE__KEYS; i++) {
		is = 0;
		if (!__atomic_compare_exchange_n(&lib->keys[i].used, &is, 1,
		    false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		lib->keys[i].turn++;
		lib->keys[i].destroy = destroy;
		*key = i;
		return 0;
	}
	return EAGAIN;
}

static struct tine__key *
find_key(pthread_key_t key)
{
	struct tine__library *lib = tine__library_peek();

	if (lib == NULL || lib->keys == NULL || key >= TINE__KEYS ||
	    lib->keys[key].used == 0)
		return NULL;
	return &lib->keys[key];
}

int
P(pthread_key_delete)(pthread_key_t key)
{
	struct tine__key *known = find_key(key);

	if (known == NULL)
		return EINVAL;
	__atomic_store_n(&known->used, 0, __ATOMIC_RELEASE);
	return 0;
}

void *
P(pthread_getspecific)(pthread_key_t key)
{
	const struct tine__tls *tls = tine__tls();
	const struct tine__key *known = find_key(key);

	return tls->specific == NULL || known == NULL ||
	    tls->specific[key].turn != known->turn ? NULL :
	    tls->specific[key].value;
}

int
P(pthread_setspecific)(pthread_key_t key, const void *value)
{
	struct tine__tls *tls = tine__tls();
	const struct tine__key *known = find_key(key);

	if (known == NULL)
		return EINVAL;
	if (tls->specific == NULL)
		tls->specific = tine_calloc(TINE__KEYS,
		    sizeof(*tls->specific));
	if (tls->specific == NULL)
		return ENOMEM;
	tls->specific[key].value = (void *)(uintptr_t)value;
	tls->specific[key].turn = known->turn;
	return 0;
}

/* Destructors may set values again: so often they are called. */
void
tine__destroy_values(struct tine__tls *tls)
{
	bool again = tls->specific != NULL;
	const struct tine__key *key;
	unsigned round, i;
	void *value;

	for (round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS;
	    round++) {
		again = false;
		for (i = 0; i < TINE__KEYS; i++) {
			value = P(pthread_getspecific)(i);
			key = value == NULL ? NULL : find_key(i);
			if (key == NULL || key->destroy == NULL)
				continue;
			tls->specific[i].value = NULL;
			key->destroy(value);
			again = true;
		}
	}
	tine_free(tls->specific);
	tls->specific = NULL;
}
