/* SPDX-License-Identifier: MIT */
/*
 * image.c - a program made ready to run: what exec does to an address space.
 *
 * The new space has a stack segment with argv and envp at its top and, if the
 * program's module has TINE_DATA variables, a data segment filled from their
 * initial contents. The heap begins empty. The program's text is the host's
 * own; a segment without pages stands for it.
 *
 *	stack top	argument strings, strings of the environment
 *			NULL
 *			envp[0] ..
 *			argv[argc] = NULL
 *			argv[0] .. argv[argc - 1]
 *	first rsp ->	(16-byte aligned)
 */
#include <errno.h>
#include <string.h>

#include "machine/machine.h"
#include "user/user.h"

/* Room for arguments: strings and pointers. */
#define ARG_MAX_BYTES (TINE__PAGE * 4)
/* A new stack has room for the arguments, and grows on touch. */
#define STACK_INITIAL (TINE__PAGE * 8)

static const struct tine_program init_program = {
	"init", "the first process", tine__init_main, NULL, NULL, NULL
};

/* Strings below *at, and where they are: pointers, then NULL. */
static int
put_strings(struct tine__image *image, const char *const *strings,
    unsigned count, uint64_t *at, uint64_t *pointers)
{
	const uint64_t top = image->stack_base + image->stack_size;
	size_t size;
	int error;

	if (count > TINE__ARGV_MAX)
		return (E2BIG);
	pointers[count] = 0;
	while (count-- != 0) {
		size = strlen(strings[count]) + 1;
		if (top - *at + size > ARG_MAX_BYTES)
			return (E2BIG);
		*at -= size;
		error = tine__as_write(image->as, *at, strings[count], size);
		if (error != 0)
			return (error);
		pointers[count] = tine__vm_to_host(image->as->vm, *at);
	}
	return (0);
}

static int
put_arguments(struct tine__image *image, const struct tine__args *args)
{
	uint64_t pointers[2 * (TINE__ARGV_MAX + 1)];
	uint64_t at = image->stack_base + image->stack_size;
	size_t size;
	int error;

	error = put_strings(image, args->argv, args->argc, &at, pointers);
	if (error == 0)
		error = put_strings(image, args->envp, args->envc, &at,
		    pointers + args->argc + 1);
	if (error != 0)
		return (error);
	size = (args->argc + args->envc + 2) * sizeof(pointers[0]);
	at = (at - size) & ~UINT64_C(15);
	error = tine__as_write(image->as, at, pointers, size);
	if (error != 0)
		return (error);
	image->a = args->argc;
	image->b = tine__vm_to_host(image->as->vm, at);
	image->stack_top = image->b;
	return (0);
}

static int
map_data(struct tine_machine *m, struct tine__image *image)
{
	const struct tine_program *p = image->program;
	const struct tine__module *module;
	size_t size;

	size = (size_t)((char *)p->data_end - (char *)p->data_start);
	if (size == 0)
		return (0);
	module = tine__vm_module(m->vm, (uintptr_t)p->data_start,
	    size / TINE__PAGE);
	if (module == NULL)
		return (ENOMEM);
	return (tine__as_map(image->as, module->va, size,
	    TINE__PROT_READ | TINE__PROT_WRITE, TINE__SEG_DATA, module));
}

static int
load(struct tine_machine *m, const struct tine_program *program,
    const struct tine__args *args, struct tine__image *image)
{
	int error;

	memset(image, 0, sizeof(*image));
	image->program = program;
	image->as = tine__as_create(m->vm);
	if (image->as == NULL)
		return (ENOMEM);
	image->stack_size = (uint64_t)m->options.ustack_pages * TINE__PAGE;
	image->stack_base = TINE__VA_STACK_TOP - image->stack_size;
	image->stack_initial = image->stack_size < STACK_INITIAL ?
	    image->stack_size : STACK_INITIAL;
	error = tine__as_map_stack(image->as, TINE__VA_STACK_TOP,
	    image->stack_initial, image->stack_size);
	if (error == 0)
		error = tine__as_map(image->as, TINE__VA_TEXT, TINE__PAGE,
		    TINE__PROT_NONE, TINE__SEG_TEXT, NULL);
	if (error == 0)
		error = map_data(m, image);
	if (error == 0)
		error = put_arguments(image, args);
	if (error != 0) {
		tine__as_free(image->as);
		image->as = NULL;
		return (error);
	}
	image->entry = (uintptr_t)program->main;
	image->after = (uintptr_t)tine_sys_exit;
	return (0);
}

int
tine__image_exec(struct tine_machine *m, const char *program,
    const struct tine__args *args, struct tine__image *image)
{
	const struct tine_program *p = tine_program_find(program);
	struct tine__args named = *args;

	if (p == NULL)
		return (ENOENT);
	if (named.argc == 0) {
		named.argv = &program;
		named.argc = 1;
	}
	return (load(m, p, &named, image));
}

int
tine__image_load(struct tine_machine *m, const char *program,
    const char *const *argv, unsigned argc, struct tine__image *image)
{
	const struct tine__args args = { argv, NULL, argc, 0 };

	return (tine__image_exec(m, program, &args, image));
}

int
tine__image_spawned(struct tine_machine *m, unsigned index,
    struct tine__image *image)
{
	const struct tine__spawn *spawn;
	struct tine__args args = { NULL, NULL, 0, 0 };

	if (index >= m->nspawns)
		return (ENOENT);
	spawn = &m->spawns[index];
	args.argv = (const char *const *)(const void *)spawn->argv;
	args.argc = spawn->argc;
	return (load(m, spawn->program, &args, image));
}

int
tine__image_init(struct tine_machine *m, struct tine__image *image)
{
	const char *argv[TINE__SPAWN_MAX + 1];
	struct tine__args args = { argv, NULL, 0, 0 };
	unsigned i;

	CTASSERT(TINE__SPAWN_MAX + 1 <= TINE__ARGV_MAX + 1);
	argv[0] = init_program.name;
	for (i = 0; i < m->nspawns && i + 1 < TINE__ARGV_MAX; i++)
		argv[i + 1] = m->spawns[i].program->name;
	args.argc = i + 1;
	return (load(m, &init_program, &args, image));
}

unsigned
tine__machine_spawned(const struct tine_machine *m)
{
	return (m->nspawns);
}

void
tine__machine_started(struct tine_machine *m, unsigned index, int pid)
{
	ASSERT3(index, <, m->nspawns);
	m->spawns[index].pid = pid;
	/* Fault injection counts from here: booting is not what is tested. */
	m->fail_armed = m->options.fail_at != 0 || m->options.faults != 0 ||
	    m->options.spurious != 0 || m->options.timeouts != 0 ||
	    m->options.interrupts != 0;
}

void
tine__machine_exited(struct tine_machine *m, int pid, int status)
{
	unsigned i;

	for (i = 0; i < m->nspawns && i < TINE__SPAWN_MAX; i++)
		if (m->spawns[i].pid == pid && m->spawns[i].status == -1) {
			m->spawns[i].status = status;
			m->ended++;
			return;
		}
}

/* The name's hash: the same whatever else is registered. */
uint64_t
tine__program_id(struct tine_machine *m, const struct tine_program *program)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	const char *c;

	(void)m;
	for (c = program->name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return (hash);
}

/* --- names for traces --- */

static const char *
object_name(void *user, uint64_t id)
{
	const struct tine_machine *m = user;

	if (m->kern != NULL && id >> 32 != 0)
		return (tine__kern_field_name(m->kern, id));
	if (id == 0 || id > m->obj_seq || id >= TINE__OBJ_NAMED)
		return (NULL);
	return (m->classes[m->tables->obj_classes[id]]->name);
}

static const char *
program_name(void *user, uint64_t id)
{
	const struct tine_program *p;

	if (id == tine__program_id(user, &init_program))
		return (init_program.name);
	for (p = tine_program_first(); p != NULL; p = p->next)
		if (tine__program_id(user, p) == id)
			return (p->name);
	return (NULL);
}

const char *
tine_syscall_name(unsigned number)
{
	static const char *const names[TINE__SYS_COUNT] = {
#define NAME(name) #name,
		TINE__SYS_MAP(NAME)
#undef NAME
	};

	return (number < TINE__SYS_COUNT ? names[number] : "?");
}

static const char *
syscall_name(void *user, uint64_t number)
{
	(void)user;
	return (number < TINE__SYS_COUNT ?
	    tine_syscall_name((unsigned)number) : NULL);
}

static const char *
thread_name(void *user, uint32_t pid, uint16_t lwp)
{
	const struct tine_machine *m = user;

	return (m->kern == NULL ? NULL :
	    tine__kern_thread_name(m->kern, pid, lwp));
}

void
tine__trace_names(struct tine_machine *m, struct tine_trace_names *names)
{
	names->object = object_name;
	names->program = program_name;
	names->syscall = syscall_name;
	names->user = m;
	names->thread = thread_name;
}
