/* SPDX-License-Identifier: MIT */
/*
 * token.c - replay tokens: a run as one printable word.
 *
 *	tine1.illumos.random.7.n2i10.hello+cat:a%20b.OVERRIDES.EVENTS.DIGEST.SUM
 *
 * Fields are separated by dots. Options are a letter and a number each, only
 * those that differ from the defaults. Programs are joined by "+", arguments
 * after argv[0] follow their program by ":"; what is not a letter, a digit, "_"
 * or "-" is written %XX. OVERRIDES and EVENTS are base64url of variable-length
 * numbers: (gap, value) for each choice that is not what the strategy says;
 * (gap, kind, idle, pid, signal, size, bytes) for each event from outside.
 * DIGEST is that of the run: a replay that ends with another one has diverged.
 * SUM guards against a token cut short or mistyped.
 *
 * A seeded run has no overrides, so its token is short however long it ran.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tine/token.h>

#include "base/error.h"
#include "machine/machine.h"

#define TOKEN_FIELDS 10
#define TOKEN_MAX ((size_t)16 << 20)

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* --- base64url and variable-length numbers --- */

static void
put_base64(struct tine__text *text, const unsigned char *data, size_t size)
{
	uint32_t bits;
	size_t i, n;
	char four[4];

	for (i = 0; i < size; i += 3) {
		n = size - i < 3 ? size - i : 3;
		bits = (uint32_t)data[i] << 16;
		if (n > 1)
			bits |= (uint32_t)data[i + 1] << 8;
		if (n > 2)
			bits |= data[i + 2];
		four[0] = digits[bits >> 18];
		four[1] = digits[bits >> 12 & 63];
		four[2] = digits[bits >> 6 & 63];
		four[3] = digits[bits & 63];
		tine__text_add(text, four, n + 1);
	}
}

static bool
get_base64(const char *from, size_t size, struct tine__text *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	const char *at;
	char byte;
	size_t i;

	if (size % 4 == 1)
		return (false);
	for (i = 0; i < size; i++) {
		at = memchr(digits, from[i], 64);
		if (at == NULL)
			return (false);
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			byte = (char)(bits >> have & 255);
			tine__text_add(out, &byte, 1);
		}
	}
	return (!out->failed && (bits & ((1u << have) - 1)) == 0);
}

static void
put_number(struct tine__text *text, uint64_t value)
{
	char byte;

	do {
		byte = (char)((value & 127) | (value > 127 ? 128 : 0));
		tine__text_add(text, &byte, 1);
		value >>= 7;
	} while (value != 0);
}

struct reader {
	const unsigned char *at, *end;
	bool bad;
};

static uint64_t
get_number(struct reader *r)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while (r->at != r->end && shift < 64) {
		value |= (uint64_t)(*r->at & 127) << shift;
		if (!(*r->at++ & 128))
			return (value);
		shift += 7;
	}
	r->bad = true;
	return (0);
}

static uint32_t
checksum(const char *text, size_t size)
{
	uint64_t sum = UINT64_C(0x746f6b656e);
	size_t i;

	for (i = 0; i < size; i++)
		sum = tine__mix(sum, (unsigned char)text[i]);
	return ((uint32_t)(sum >> 32));
}

/* What stands for the kernel where there is none: code of the user's. */
#define KERN "kern"

/* --- programs --- */

static void
put_word(struct tine__text *text, const char *word)
{
	for (; *word != '\0'; word++)
		if (strchr(digits, *word) != NULL)
			tine__text_add(text, word, 1);
		else
			tine__text_printf(text, "%%%02X",
			    (unsigned char)*word);
}

char *
tine__token_programs(const struct tine_machine *m)
{
	struct tine__text text;
	unsigned i, j;

	memset(&text, 0, sizeof(text));
	if (m->kern != NULL && m->kern->label != NULL)
		put_word(&text, m->kern->label);
	if (m->kern != NULL && m->kern->fixed)
		tine__text_printf(&text, ":fixed");
	for (i = 0; i < m->nspawns; i++) {
		if (i != 0)
			tine__text_add(&text, "+", 1);
		put_word(&text, m->spawns[i].program->name);
		for (j = 1; j < m->spawns[i].argc; j++) {
			tine__text_add(&text, ":", 1);
			put_word(&text, m->spawns[i].argv[j]);
		}
	}
	if (text.failed) {
		tine__text_free(&text);
		return (NULL);
	}
	return (tine__text_take(&text));
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	return (c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

/* Undo put_word in place, up to any of the separators. Returns what follows, or
 * NULL when it is malformed. */
static char *
get_word(char *from, char *separator)
{
	char *to = from;

	for (;;) {
		if (*from == '\0' || *from == '+' || *from == ':') {
			*separator = *from;
			*to = '\0';
			return (from + (*separator != '\0'));
		}
		if (*from != '%') {
			*to++ = *from++;
			continue;
		}
		if (hex(from[1]) < 0 || hex(from[2]) < 0)
			return (NULL);
		*to++ = (char)(hex(from[1]) * 16 + hex(from[2]));
		from += 3;
	}
}

int
tine__token_spawn(struct tine_machine *m)
{
	const char *argv[TINE__ARGV_MAX + 1];
	char *copy, *at, separator = '+';
	unsigned argc;
	int error = 0;

	copy = strdup(m->token_programs);
	if (copy == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	at = copy;
	while (error == 0 && separator != '\0') {
		argc = 0;
		do {
			if (argc == TINE__ARGV_MAX)
				break;
			argv[argc++] = at;
			at = get_word(at, &separator);
		} while (at != NULL && separator == ':');
		argv[argc] = NULL;
		if (at == NULL || separator == ':')
			error = tine__error(TINE_ETOKEN,
			    "the token's programs are malformed");
		else
			error = tine_machine_spawn(m, argv[0], argv);
	}
	free(copy);
	return (error);
}

/* --- make --- */

static void
put_overrides(struct tine__text *text, const struct tine_machine *m)
{
	struct tine__text raw;
	uint64_t last = 0;
	size_t i;

	memset(&raw, 0, sizeof(raw));
	for (i = 0; i < m->noverrides; i++) {
		put_number(&raw, m->overrides[i].at - last);
		put_number(&raw, m->overrides[i].value);
		last = m->overrides[i].at;
	}
	put_base64(text, (const unsigned char *)raw.data, raw.size);
	tine__text_free(&raw);
}

static void
put_events(struct tine__text *text, const struct tine__exts *exts)
{
	struct tine__text raw;
	uint64_t last = 0;
	size_t i;

	memset(&raw, 0, sizeof(raw));
	for (i = 0; i < exts->count; i++) {
		const struct tine__ext *e = &exts->list[i];

		put_number(&raw, e->step - last);
		put_number(&raw, (uint64_t)e->kind * 2 + e->idle);
		put_number(&raw, (uint64_t)(uint32_t)e->pid);
		put_number(&raw, (uint64_t)e->signo);
		put_number(&raw, e->size);
		tine__text_add(&raw, e->text, e->size);
		last = e->step;
	}
	put_base64(text, (const unsigned char *)raw.data, raw.size);
	tine__text_free(&raw);
}

char *
tine__token_make(struct tine_machine *m)
{
	const struct tine_options *o = &m->options;
	struct tine__text text;
	char *programs;

	programs = tine__token_programs(m);
	if (programs == NULL)
		return (NULL);
	memset(&text, 0, sizeof(text));
	tine__text_printf(&text, "tine1.%s.%s.%" PRIu64 ".",
	    m->kern != NULL ? KERN : tine_kernel_name(o->kernel),
	    tine_strategy_name(o->strategy), m->seed);
	tine__token_put_options(&text, m);
	tine__text_add(&text, ".", 1);
	tine__text_add(&text, programs, strlen(programs));
	tine__text_add(&text, ".", 1);
	put_overrides(&text, m);
	tine__text_add(&text, ".", 1);
	put_events(&text, &m->exts);
	tine__text_printf(&text, ".%016" PRIx64, m->last_digest);
	tine__text_printf(&text, ".%08" PRIx32, checksum(text.data,
	    text.size));
	free(programs);
	return (tine__text_take(&text));
}

/* --- apply --- */

struct fields {
	char *copy;
	char *field[TOKEN_FIELDS];
};

/* A number as it is written: strtoull() would take signs, blanks and more. */
static bool
get_decimal(const char *from, uint64_t *value)
{
	char again[24];

	*value = strtoull(from, NULL, 10);
	(void)snprintf(again, sizeof(again), "%" PRIu64, *value);
	return (strcmp(from, again) == 0);
}

static bool
get_digest(const char *from, uint64_t *value)
{
	if (strlen(from) != 16 || strspn(from, "0123456789abcdef") != 16)
		return (false);
	*value = strtoull(from, NULL, 16);
	return (true);
}

static int
split(const char *token, struct fields *f)
{
	size_t size = strnlen(token, TOKEN_MAX + 1);
	char *at, *dot, sum[16];
	unsigned i;

	f->copy = NULL;
	if (size > TOKEN_MAX)
		return (tine__error(TINE_ETOKEN, "the token is too long"));
	if (strncmp(token, "tine1.", 6) != 0)
		return (tine__error(TINE_ETOKEN,
		    "not a replay token: it does not begin with \"tine1.\""));
	at = f->copy = strdup(token);
	if (at == NULL)
		return (tine__error(TINE_ENOMEM, "no host memory"));
	for (i = 0; i < TOKEN_FIELDS; i++) {
		f->field[i] = at;
		dot = strchr(at, '.');
		if ((dot == NULL) != (i == TOKEN_FIELDS - 1))
			return (tine__error(TINE_ETOKEN,
			    "the token has %s fields", dot == NULL ?
			    "too few" : "too many"));
		if (dot != NULL) {
			*dot = '\0';
			at = dot + 1;
		}
	}
	at = f->field[TOKEN_FIELDS - 1];
	(void)snprintf(sum, sizeof(sum), "%08" PRIx32, checksum(token,
	    (size_t)(at - 1 - f->copy)));
	if (strcmp(at, sum) != 0)
		return (tine__error(TINE_ETOKEN,
		    "the token is damaged: its checksum does not fit"));
	return (0);
}

static int
get_head(const struct fields *f, struct tine_options *o, uint64_t *digest,
    uint64_t *files)
{
	if ((strcmp(f->field[1], KERN) != 0 &&
	    tine_kernel_parse(f->field[1], &o->kernel) != 0) ||
	    tine_strategy_parse(f->field[2], &o->strategy) != 0)
		return (tine__error(TINE_ETOKEN,
		    "the token names kernel \"%s\" and strategy \"%s\", which "
		    "this library does not have", f->field[1], f->field[2]));
	if (!get_decimal(f->field[3], &o->seed))
		return (tine__error(TINE_ETOKEN, "the token's seed is not a "
		    "number"));
	*files = 0;
	if (!tine__token_get_options(f->field[4], o, files))
		return (tine__error(TINE_ETOKEN,
		    "the token's options are malformed"));
	if (!get_digest(f->field[8], digest))
		return (tine__error(TINE_ETOKEN,
		    "the token's digest is malformed"));
	return (0);
}

static bool
get_overrides(struct tine_machine *m, const char *field)
{
	struct tine__override *list;
	struct tine__text raw;
	struct reader r;
	uint64_t last = 0, gap;
	bool good;

	memset(&raw, 0, sizeof(raw));
	good = get_base64(field, strlen(field), &raw);
	list = calloc(raw.size / 2 + 1, sizeof(*list));
	if (list == NULL)
		good = false;
	r.at = (const unsigned char *)raw.data;
	r.end = r.at + raw.size;
	r.bad = false;
	m->noverrides = 0;
	while (good && r.at != r.end) {
		gap = get_number(&r);
		/* in order, each choice once */
		if ((gap == 0 && m->noverrides != 0) || last + gap < last)
			good = false;
		last += gap;
		list[m->noverrides].at = last;
		list[m->noverrides++].value = (uint32_t)get_number(&r);
		good = good && !r.bad;
	}
	tine__text_free(&raw);
	m->token_overrides = list;
	m->overrides = list;
	return (good);
}

static bool
get_events(struct tine_machine *m, const char *field)
{
	struct tine__text raw;
	struct tine__ext ext;
	struct reader r;
	uint64_t step = 0, kind;
	bool good;

	memset(&raw, 0, sizeof(raw));
	good = get_base64(field, strlen(field), &raw);
	r.at = (const unsigned char *)raw.data;
	r.end = r.at + raw.size;
	r.bad = false;
	while (good && r.at != r.end) {
		memset(&ext, 0, sizeof(ext));
		ext.step = step += get_number(&r);
		kind = get_number(&r);
		ext.kind = (uint8_t)(kind >> 1);
		ext.idle = kind & 1;
		ext.pid = (int)(uint32_t)get_number(&r);
		ext.signo = (int)get_number(&r);
		ext.size = get_number(&r);
		if (r.bad || kind >= TINE__EXT_COUNT * 2 || ext.pid < 0 ||
		    ext.signo < 0 || ext.signo > 64 ||
		    ext.size > (size_t)(r.end - r.at)) {
			good = false;
			break;
		}
		if (ext.size != 0) {
			ext.text = malloc(ext.size);
			if (ext.text == NULL) {
				good = false;
				break;
			}
			memcpy(ext.text, r.at, ext.size);
			r.at += ext.size;
		}
		good = tine__exts_add(&m->replay, &ext);
	}
	tine__text_free(&raw);
	return (good);
}

int
tine__token_apply(struct tine_machine *m, const char *token)
{
	struct fields f;
	int error;

	error = split(token, &f);
	if (error == 0)
		error = get_head(&f, &m->options, &m->expect_digest,
		    &m->token_files);
	if (error == 0 && !get_overrides(m, f.field[6]))
		error = tine__error(TINE_ETOKEN,
		    "the token's choices are malformed");
	if (error == 0 && !get_events(m, f.field[7]))
		error = tine__error(TINE_ETOKEN,
		    "the token's outside events are malformed");
	if (error == 0) {
		m->replay_token = strdup(token);
		m->token_programs = strdup(f.field[5]);
		if (m->replay_token == NULL || m->token_programs == NULL)
			error = tine__error(TINE_ENOMEM, "no host memory");
	}
	free(f.copy);
	return (error);
}

int
tine_token_parse(const char *token, struct tine_token_info *info)
{
	struct tine_options o;
	struct fields f;
	uint64_t digest, files;
	char *end, separator;
	int error;

	if (token == NULL || info == NULL || info->size != sizeof(*info))
		return (tine__error(TINE_EINVAL, "token: %s",
		    token == NULL || info == NULL ? "NULL argument" :
		    "info.size is not set"));
	error = split(token, &f);
	tine_options_init(&o);
	if (error == 0)
		error = get_head(&f, &o, &digest, &files);
	if (error == 0) {
		end = get_word(f.field[5], &separator);
		if (end == NULL ||
		    strlen(f.field[5]) >= sizeof(info->program))
			error = tine__error(TINE_ETOKEN,
			    "the token's program is malformed");
	}
	if (error == 0) {
		info->kernel = o.kernel;
		info->strategy = o.strategy;
		info->seed = o.seed;
		info->ncpu = o.ncpu;
		strcpy(info->program, f.field[5]);
	}
	free(f.copy);
	return (error);
}
