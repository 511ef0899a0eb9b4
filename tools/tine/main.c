/* SPDX-License-Identifier: MIT */
/* main.c - the command tine: its verbs. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static const char help_text[] =
    "usage: tine list\n"
    "       tine run PROGRAM [OPTION...] [-- ARGUMENT...]\n"
    "       tine diff PROGRAM [OPTION...] [-- ARGUMENT...]\n"
    "       tine pmap PROGRAM [PID [PID]] --steps N [OPTION...]\n"
    "       tine quirks [--kernel K]\n"
    "       tine rctl | probes\n"
    "       tine replay TOKEN [./my.so] [OPTION...]\n"
    "       tine explore PROGRAM|RACE [OPTION...] [-- ARGUMENT...]\n"
    "       tine races [--list] [--search S] [--kernel K] [-v] [ID...]\n"
    "       tine help | --version\n"
    "\n"
    "PROGRAM is a name from the list, or a shared object: ./my.so, or\n"
    "./my.so:NAME if it holds several programs.\n"
    "\n"
    "diff runs a program on every kernel, with the same strategy and seed,\n"
    "and shows side by side where ends, results and processes differ.\n"
    "\n"
    "pmap stops a run after N scheduling points and shows its memory: that of\n"
    "all processes, of one, or the page tables of two side by side.\n"
    "\n"
    "explore runs many schedules of a program, or all, until one fails; that\n"
    "one is made small and explained.\n"
    "\n"
    "races runs the catalogue of races: in how many schedules each search "
    "finds\n"
    "what is wrong with a quirk, and how many there are, all well, without.\n"
    "\n"
    "What it runs on\n"
    "  --kernel K         which kernel (illumos); tine quirks\n"
    "                     shows what can be switched in it\n"
    "  --quirks LIST      +OS-12,-OS-30: those on or off; none, all, preset\n"
    "  --ncpu N           virtual CPUs, 1 to 64\n"
    "  --strategy S       who runs next: rr, random, pct, pos\n"
    "  --seed N           of the strategy; alone it means --strategy random\n"
    "  --steps N          stop after so many scheduling points\n"
    "  --watchdog MS      stop after so long without one (30000; 0: never)\n"
    "  --cold-fork        a child has no page mapped: each first touch faults\n"
    "  --fail-at N        make the N-th fallible step of the kernel fail\n"
    "  --runs N           run N seeds and count what comes of them\n"
    "\n"
    "How it explores\n"
    "  --search S         random, pct, pos, dfs or dpor (the default)\n"
    "  --preemptions N    dfs: schedules with at most so many\n"
    "  --delays N         dfs: at most N away from the default schedule\n"
    "  --runs N           stop after N schedules\n"
    "  --workers N        on N threads of the host\n"
    "  --keep-going       count all failures\n"
    "  --faults N         so many fallible steps may fail, anywhere\n"
    "  --spurious N       so many sleeps may end for no reason\n"
    "  --timeouts N       so many time-outs may pass early\n"
    "  --interrupts N     so many calls may have an interrupt just before\n"
    "  --signal-targets   which of several threads takes a signal\n"
    "  --race-check       look for data races\n"
    "  --any-status       a program that does not exit with 0 has not failed\n"
    "  --fair N           after N steps a turn for everybody: finds livelocks\n"
    "  --fixed            a race: without what makes it go wrong\n"
    "  --token TOKEN      this schedule only: make it small and explain it\n"
    "  --progress         tell how it goes on, also to no terminal\n"
    "\n"
    "What it shows\n"
    "  --trace FORMAT     jsonl, chrome, text or tree\n"
    "  --trace-ops        with every lock operation\n"
    "  --trace-file F     into a file. On standard output a jsonl, chrome or\n"
    "                     tree trace is alone: programs write to the error\n"
    "                     output then\n"
    "  -v, --verbose      say how it went, with a token that repeats it\n"
    "\n"
    "How fast, and with whom\n"
    "  --realtime         virtual time passes as real time does\n"
    "  --slow N           N times slower than that\n"
    "  --interactive      programs read what you type; at a terminal\n"
    "                     in real time, ^Z and ^D are theirs too\n"
    "\n"
    "^C is a signal to the program; the second one stops the run, the third\n"
    "in a row with --interactive, where it goes to the foreground.\n"
    "\n"
    "Status: 0 it passed, 1 it did not, 2 nothing was run.\n";

int
complain(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("tine: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return STATUS_USAGE;
}

static int
list(int argc, char **argv)
{
	const struct tine_program *program;
	int i;

	for (i = 2; i < argc; i++)
		if (load_object(argv[i]) != 0)
			return STATUS_USAGE;
	for (program = tine_program_first(); program != NULL;
	    program = program->next)
		printf("%-16s %s\n", program->name,
		    program->summary == NULL ? "" : program->summary);
	return STATUS_OK;
}

static int
run(int argc, char **argv)
{
	struct settings settings;
	int status;

	if (parse_run(argc, argv, &settings) != 0 ||
	    pick_program(&settings) != 0)
		return STATUS_USAGE;
	status = settings.runs > 0 ? run_many(&settings) : run_once(&settings);
	free(settings.object_path);
	return status;
}

/* What can be switched in a kernel; those that are on are marked. */
static int
quirks(int argc, char **argv)
{
	enum tine_kernel kernel = TINE_KERNEL_ILLUMOS;
	struct tine_quirk quirk;
	size_t i;

	if (argc != 2 && (argc != 4 || strcmp(argv[2], "--kernel") != 0))
		return complain("usage: tine quirks [--kernel K]");
	if (argc == 4 && tine_kernel_parse(argv[3], &kernel) != 0)
		return complain("%s", tine_error_message());
	for (i = 0; tine_quirk_get(kernel, i, &quirk); i++)
		printf("%c %-8s %s\n", quirk.preset ? '+' : '-', quirk.id,
		    quirk.text);
	return STATUS_OK;
}

/* What rctladm(8) lists: the controls of the Solaris family, whether one that
 * is exceeded is told on the console, what holds for all its values; and the
 * greatest of them. No machine runs: nobody has changed anything. */
static int
rctl(int argc, char **argv)
{
	static const struct {
		int flag;
		const char *word;
	} words[] = {
		{ TINE_RCTL_GLOBAL_NOBASIC, "no-basic" },
		{ TINE_RCTL_GLOBAL_LOWERABLE, "lowerable" },
		{ TINE_RCTL_GLOBAL_DENY_ALWAYS, "deny" },
		{ TINE_RCTL_GLOBAL_DENY_NEVER, "no-deny" },
		{ TINE_RCTL_GLOBAL_CPU_TIME, "cpu-time" },
		{ TINE_RCTL_GLOBAL_FILE_SIZE, "file-size" },
		{ TINE_RCTL_GLOBAL_BYTES, "bytes" },
		{ TINE_RCTL_GLOBAL_SECONDS, "seconds" },
		{ TINE_RCTL_GLOBAL_COUNT, "count" },
	};
	const struct tine_rctl_info *info;
	unsigned i;
	size_t j;

	(void)argv;
	if (argc != 2)
		return complain("usage: tine rctl");
	for (i = 0; (info = tine_rctl_info(i)) != NULL; i++) {
		printf("%-28s syslog=off  [", info->name);
		for (j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			if ((info->global & words[j].flag) != 0)
				printf(" %s", words[j].word);
		if (info->maximum == UINT64_MAX)
			puts(" ]  max=unlimited");
		else
			printf(" ]  max=%llu\n",
			    (unsigned long long)info->maximum);
	}
	return STATUS_OK;
}

static int
probes(int argc, char **argv)
{
	const char *name;
	size_t i;

	(void)argv;
	if (argc != 2)
		return complain("usage: tine probes");
	for (i = 0; (name = tine_probe_name(i)) != NULL; i++)
		printf("%-44s %s\n", name, tine_probe_about(name));
	return STATUS_OK;
}

static int
pmap(int argc, char **argv)
{
	struct settings settings;

	if (parse_pmap(argc, argv, &settings) != 0 ||
	    pick_program(&settings) != 0)
		return STATUS_USAGE;
	return run_pmap(&settings);
}

static int
replay(int argc, char **argv)
{
	struct tine_token_info info = { .size = sizeof(info) };
	struct settings settings;

	if (parse_replay(argc, argv, &settings) != 0)
		return STATUS_USAGE;
	if (tine_token_parse(settings.options.token, &info) != 0)
		return complain("%s", tine_error_message());
	if (settings.object != NULL && load_object(settings.object) != 0)
		return STATUS_USAGE;
	if (tine_race_of_token(settings.options.token, &settings.race,
	    &settings.side) == 0) {
		settings.program = settings.race->id;
		return run_once(&settings);
	}
	if (tine_program_find(info.program) == NULL)
		return complain("the token is of a program named %s, which is "
		    "not here%s", info.program, settings.object == NULL ?
		    ": name its shared object behind the token" : "");
	settings.program = info.program;
	return run_once(&settings);
}

static int
explore(int argc, char **argv)
{
	struct settings settings;
	int status;

	if (parse_explore(argc, argv, &settings) != 0 ||
	    (settings.race == NULL && pick_program(&settings) != 0))
		return STATUS_USAGE;
	status = run_explore(&settings);
	free(settings.object_path);
	return status;
}

static int
help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs(help_text, stdout);
	return STATUS_OK;
}

static int
version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("tine %s\n", tine_version());
	return STATUS_OK;
}

static const struct {
	const char *name;
	int (*fn)(int argc, char **argv);
} verbs[] = {
	{ "list", list },
	{ "run", run },
	{ "diff", diff },
	{ "quirks", quirks },
	{ "rctl", rctl },
	{ "probes", probes },
	{ "pmap", pmap },
	{ "replay", replay },
	{ "explore", explore },
	{ "races", races },
	{ "help", help },
	{ "--help", help },
	{ "-h", help },
	{ "version", version },
	{ "--version", version },
	{ "-V", version },
};

int
main(int argc, char **argv)
{
	size_t i;
	int status;

	if (argc < 2)
		return complain("what to do? Try: tine help");
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		/* "tine run --help" */
		status = argc == 3 && (strcmp(argv[2], "--help") == 0 ||
		    strcmp(argv[2], "-h") == 0) ? help(argc, argv) :
		    verbs[i].fn(argc, argv);
		if (fflush(stdout) != 0 || ferror(stdout))
			return complain("cannot write to standard output");
		return status;
	}
	return complain("no verb \"%s\". Try: tine help", argv[1]);
}
