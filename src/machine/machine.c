/* SPDX-License-Identifier: MIT */
/* machine.c - create, configure, run, destroy: the host plane's front door. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "machine/machine.h"
#include "proc/probe.h"
#include "proc/quirk.h"

static void
free_spawns(struct tine_machine *m)
{
	unsigned i, j;

	for (i = 0; i < m->nspawns; i++) {
		for (j = 0; j < m->spawns[i].argc; j++)
			free(m->spawns[i].argv[j]);
		free(m->spawns[i].argv);
	}
	m->nspawns = 0;
}

static void
free_machine(struct tine_machine *m)
{
	free_spawns(m);
	tine__names_free(&m->names);
	tine__sched_free(m);
	tine__ring_free(&m->ring);
	tine__exts_clear(&m->exts);
	tine__exts_clear(&m->replay);
	tine__exts_clear(&m->inbox);
	free(m->exts.list);
	free(m->replay.list);
	free(m->inbox.list);
	tine__text_free(&m->console);
	tine__files_free(m);
	free(m->message);
	free(m->detail);
	free(m->leaks);
	free(m->token);
	free(m->last_events);
	free(m->replay_token);
	free(m->token_programs);
	free(m->token_overrides);
	tine__kern_free(m->kern);
	tine__hb_free(m->hb);
	tine__probes_free(m);
	(void)pthread_mutex_destroy(&m->inbox_lock);
	free(m);
}

int
tine_machine_create(const struct tine_options *options,
    struct tine_machine **out)
{
	struct tine_options defaults;
	struct tine_machine *m;
	int error;

	if (out == NULL)
		return (tine__error(TINE_EINVAL, "machine: NULL result"));
	if (options == NULL) {
		tine_options_init(&defaults);
		options = &defaults;
	}
	if (options->size != sizeof(*options))
		return (tine__error(TINE_EINVAL,
		    "options: size %zu is not %zu: call tine_options_init()",
		    options->size, sizeof(*options)));
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return (tine__error(TINE_ENOMEM,
		    "no host memory for a machine"));
	(void)pthread_mutex_init(&m->inbox_lock, NULL);
	m->options = *options;
	m->options.token = NULL;
	error = options->token == NULL ? 0 :
	    tine__token_apply(m, options->token);
	if (error == 0)
		error = tine__options_check(&m->options);
	if (error == 0 &&
	    m->options.quirks == tine_quirks_preset(m->options.kernel))
		m->options.quirks = TINE_QUIRKS_PRESET;
	if (error == 0) {
		m->flavour = tine__flavour_of(m->options.kernel);
		error = tine__ring_init(&m->ring, m->options.trace_ring,
		    m->options.trace_full, m->options.trace_ops);
	}
	if (error == 0)
		error = tine__slot_get(m, &m->slot);
	if (error != 0) {
		free_machine(m);
		return (error);
	}
	m->tables = m->slot->tables;
	m->arm.altstack = m->slot->altstack;
	m->arm.altstack_size = m->slot->altstack_size;
	m->result.message = m->result.token = m->result.last_events =
	    m->result.console = "";
	*out = m;
	return (0);
}

int
tine__machine_known(const struct tine_machine *m, const char *what)
{
	if (m == NULL)
		return (tine__error(TINE_EINVAL, "%s: NULL machine", what));
	if (!tine__slot_owner(m))
		return (tine__error(TINE_EINVAL, "%s: no such machine: was it "
		    "destroyed?", what));
	return (0);
}

int
tine_machine_destroy(struct tine_machine *m)
{
	int error;

	if (m == NULL)
		return (0);
	error = tine__machine_known(m, "destroy");
	if (error != 0)
		return (error);
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "a running machine cannot be destroyed"));
	if (m->vm != NULL && m->slot->host_pid == getpid())
		tine__vm_finish(m->vm);
	if (m->kmem != NULL)
		tine__kmem_destroy(m->kmem);
	tine__slot_put(m->slot);
	free_machine(m);
	return (0);
}

static int
copy_argv(struct tine__spawn *spawn, const char *const argv[])
{
	unsigned n;

	for (n = 0; argv[n] != NULL; n++)
		if (n == TINE__ARGV_MAX)
			return (tine__error(TINE_EINVAL,
			    "%s: more than %d arguments", spawn->program->name,
			    TINE__ARGV_MAX));
	spawn->argv = calloc(n + 1, sizeof(char *));
	for (spawn->argc = 0; spawn->argv != NULL && spawn->argc < n;
	    spawn->argc++) {
		spawn->argv[spawn->argc] = strdup(argv[spawn->argc]);
		if (spawn->argv[spawn->argc] == NULL)
			break;
	}
	if (spawn->argv != NULL && spawn->argc == n)
		return (0);
	while (spawn->argc != 0)
		free(spawn->argv[--spawn->argc]);
	free(spawn->argv);
	return (tine__error(TINE_ENOMEM, "no host memory for arguments"));
}

int
tine_machine_spawn(struct tine_machine *m, const char *program,
    const char *const argv[])
{
	const char *alone[2] = { program, NULL };
	struct tine__spawn *spawn;
	int error;

	error = tine__machine_known(m, "spawn");
	if (error != 0)
		return (error);
	if (program == NULL)
		return (tine__error(TINE_EINVAL, "spawn: NULL program"));
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "spawn: the machine is running"));
	if (m->nspawns == TINE__SPAWN_MAX)
		return (tine__error(TINE_EINVAL,
		    "spawn: a machine starts at most %d programs",
		    TINE__SPAWN_MAX));
	spawn = &m->spawns[m->nspawns];
	memset(spawn, 0, sizeof(*spawn));
	spawn->program = tine_program_find(program);
	if (spawn->program == NULL)
		return (tine__error(TINE_ENOENT, "no program \"%s\"",
		    program));
	error = copy_argv(spawn, argv != NULL ? argv : alone);
	if (error != 0)
		return (error);
	m->nspawns++;
	return (0);
}

/* Everything that must hold before a run; leaves the machine running. */
int
tine__machine_ready(struct tine_machine *m)
{
	char *programs;
	int error;

	error = tine__machine_known(m, "run");
	if (error != 0)
		return (error);
	if (m->running)
		return (tine__error(TINE_ESTATE,
		    "run: the machine is running already"));
	if (m->slot->host_pid != getpid())
		return (tine__error(TINE_ESTATE, "run: the machine is of "
		    "another host process: create one after the fork"));
	if (tine__running != NULL || tine__cur != NULL)
		return (tine__error(TINE_ESTATE, "run: called from inside a "
		    "machine that runs on this host thread"));
	if (m->kern == NULL && m->nspawns == 0 &&
	    m->token_programs != NULL &&
	    m->token_programs[0] != '\0') {
		error = tine__token_spawn(m);
		if (error != 0)
			return (error);
	}
	if (m->nspawns == 0 && m->flavour->calls != NULL)
		return (tine__error(TINE_ESTATE,
		    "run: nothing to run: no program was spawned"));
	if (m->token_programs != NULL) {
		programs = tine__token_programs(m);
		error = programs == NULL ||
		    strcmp(programs, m->token_programs) != 0;
		free(programs);
		if (error)
			return (tine__error(TINE_ETOKEN, "the token is of "
			    "another program: it names %s",
			    m->token_programs));
	}
	if (m->token_programs != NULL && m->token_files != 0 &&
	    m->token_files != tine__files_digest(m))
		return (tine__error(TINE_ETOKEN, "the token is of a machine "
		    "with other files in it"));
	if (m->token_programs != NULL && m->token_files == 0 &&
	    m->nfiles != 0)
		return (tine__error(TINE_ETOKEN, "the token is of a machine "
		    "without files, and this one has %zu", m->nfiles));
	pthread_mutex_lock(&m->inbox_lock);
	m->running = true;
	m->stop_asked = false;
	tine__exts_clear(&m->inbox);
	m->inbox_full = 0;
	pthread_mutex_unlock(&m->inbox_lock);
	return (0);
}

void
tine__machine_over(struct tine_machine *m)
{
	pthread_mutex_lock(&m->inbox_lock);
	m->running = false;
	pthread_mutex_unlock(&m->inbox_lock);
}

static int
run_here(struct tine_machine *m)
{
	int error;

	error = tine__fault_arm(&m->arm);
	if (error != 0)
		return (error);
	error = tine__run_begin(m);
	if (error == 0 && m->options.watchdog_ms != 0)
		error = tine__watchdog_start(m);
	if (error == 0) {
		while (tine__run_slice(m) != TINE__BACK_END)
			continue;
		if (m->options.watchdog_ms != 0)
			tine__watchdog_stop(m);
		tine__run_end(m);
	}
	tine__fault_disarm(&m->arm);
	return (error);
}

int
tine_machine_run(struct tine_machine *m, struct tine_result *result)
{
	int error;

	error = tine__machine_ready(m);
	if (error != 0)
		return (error);
	if (m->options.interactive || m->options.realtime_ns_per_ms != 0)
		error = tine__loop_run(m);
	else
		error = run_here(m);
	tine__machine_over(m);
	if (error == 0 && result != NULL)
		*result = m->result;
	return (error);
}

int
tine_machine_result(struct tine_machine *m, struct tine_result *result)
{
	int error = tine__machine_known(m, "result");

	if (error != 0)
		return (error);
	if (result == NULL)
		return (tine__error(TINE_EINVAL, "result: NULL argument"));
	if (m->running || m->result.outcome == TINE_OUTCOME_NONE)
		return (tine__error(TINE_ESTATE, m->running ?
		    "result: the machine is running" :
		    "result: the machine has not run"));
	*result = m->result;
	return (0);
}

static int
idle_machine(const struct tine_machine *m, const char *what)
{
	int error = tine__machine_known(m, what);

	if (error != 0)
		return (error);
	if (m->running)
		return (tine__error(TINE_ESTATE, "%s: the machine is running",
		    what));
	return (0);
}

int
tine_machine_reseed(struct tine_machine *m, uint64_t seed)
{
	int error = idle_machine(m, "reseed");

	if (error == 0)
		m->options.seed = seed;
	return (error);
}

int
tine_machine_invariant(struct tine_machine *m, const char *(*fn)(void *user),
    void *user)
{
	int error = idle_machine(m, "invariant");

	if (error == 0) {
		m->invariant = fn;
		m->invariant_user = user;
	}
	return (error);
}

int
tine_machine_fail_at(struct tine_machine *m, uint64_t nth)
{
	int error = idle_machine(m, "fail_at");

	if (error == 0)
		m->options.fail_at = nth;
	return (error);
}

bool
tine_machine_failed_step(const struct tine_machine *m)
{
	return (m != NULL && tine__slot_owner(m) && m->failed_step);
}

int
tine_machine_stats(const struct tine_machine *m, struct tine_stats *stats)
{
	size_t size;
	int error = tine__machine_known(m, "stats");

	if (error != 0)
		return (error);
	if (stats == NULL || stats->size < sizeof(size) ||
	    stats->size > sizeof(*stats))
		return (tine__error(TINE_EINVAL,
		    "stats: NULL argument, or size not set"));
	size = stats->size;
	memcpy(stats, &m->stats, size);
	stats->size = size;
	return (0);
}

long
tine_trace_events(struct tine_machine *m, const struct tine_event **events)
{
	int error = idle_machine(m, "trace");

	if (error != 0)
		return (error);
	if (events == NULL)
		return (tine__error(TINE_EINVAL, "trace: NULL result"));
	return ((long)tine__ring_events(&m->ring, events));
}

int
tine_trace_write(struct tine_machine *m, enum tine_trace_format format,
    tine_write_fn write, void *user)
{
	const struct tine_event *events;
	struct tine_trace_names names;
	long count;

	count = tine_trace_events(m, &events);
	if (count < 0)
		return ((int)count);
	tine__trace_names(m, &names);
	return (tine_trace_write_events(events, (size_t)count, &names, format,
	    write, user));
}
