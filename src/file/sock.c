/* SPDX-License-Identifier: MIT */
/*
 * sock.c - pairs of connected sockets: two pipes, one for each direction, with
 * one lock between them, so that who polls a socket looks at both at once.
 *
 *	sock --out--> pipe --> in-- sock
 *	     <--in--- pipe <--out--
 *
 * A socket is one reader and one writer. What has been shut is an end that was
 * closed early; the descriptions that are left share that.
 */
#include "file/impl.h"

static struct tine__sock *
sock_new(struct tine__fs *fs, struct tine__pipe *in, struct tine__pipe *out)
{
	struct tine__sock *sock;

	sock = tine__node_new(fs, TINE__NODE_SOCK, sizeof(*sock), 0777,
	    TINE__KM_NOSLEEP);
	if (sock == NULL)
		return (NULL);
	sock->in = in;
	sock->out = out;
	tine__node_hold(&in->node);
	tine__node_hold(&out->node);
	return (sock);
}

int
tine__socketpair(struct tine_machine *m, struct tine__node *out[2])
{
	struct tine__pipe *a = tine__pipe_new(&m->fs, 0), *b = NULL;
	struct tine__sock *sock[2] = { NULL, NULL };

	if (a != NULL)
		b = tine__pipe_new(&m->fs, 0);
	if (b != NULL)
		sock[0] = sock_new(&m->fs, a, b);
	if (sock[0] != NULL)
		sock[1] = sock_new(&m->fs, b, a);
	if (sock[1] != NULL) {
		b->lock = a->lock;
		for (int i = 0; i < 2; i++) {
			out[i] = &sock[i]->node;
			a->socks[i] = b->socks[i] = out[i];
		}
		a->readers = a->writers = b->readers = b->writers = 1;
	} else if (sock[0] != NULL) {
		tine__node_rele(&sock[0]->node);
	}
	if (b != NULL)
		tine__node_rele(&b->node);
	if (a != NULL)
		tine__node_rele(&a->node);
	return (sock[1] == NULL ? ENOMEM : 0);
}

/* No description leads here any more, and no walk ever did. */
void
tine__sock_free(struct tine__sock *sock)
{
	for (int i = 0; i < 2; i++) {
		if (sock->in->socks[i] == &sock->node)
			sock->in->socks[i] = NULL;
		if (sock->out->socks[i] == &sock->node)
			sock->out->socks[i] = NULL;
	}
	tine__node_rele(&sock->in->node);
	tine__node_rele(&sock->out->node);
}

/* Context: the pair's lock. */
static void
shut(struct tine__sock *sock, bool reading, bool writing)
{
	if (reading && !sock->rshut) {
		sock->rshut = true;
		/* Nobody will read it. */
		sock->in->head = sock->in->used = 0;
		tine__pipe_drop(sock->in, TINE_O_RDONLY);
		tine__cv_broadcast(&sock->in->rcv);
	}
	if (writing && !sock->wshut) {
		sock->wshut = true;
		tine__pipe_drop(sock->out, TINE_O_WRONLY);
		tine__cv_broadcast(&sock->out->wcv);
	}
}

void
tine__sock_close(struct tine__sock *sock)
{
	tine__mutex_enter(sock->in->lock, TINE__WHERE);
	shut(sock, true, true);
	tine__mutex_exit(sock->in->lock);
}

int
tine__shutdown(struct tine__node *node, int how)
{
	struct tine__sock *sock = (struct tine__sock *)node;

	if (node->type != TINE__NODE_SOCK)
		return (ENOTSOCK);
	if (how < TINE_SHUT_RD || how > TINE_SHUT_RDWR)
		return (EINVAL);
	tine__mutex_enter(sock->in->lock, TINE__WHERE);
	shut(sock, how != TINE_SHUT_WR, how != TINE_SHUT_RD);
	tine__mutex_exit(sock->in->lock);
	return (0);
}

/* What would not wait is ready, also where it would fail. Context: the pair's
 * lock. */
int
tine__sock_poll(const struct tine__sock *sock, int events)
{
	const bool eof = sock->in->writers == 0 || sock->rshut;
	const bool broken = sock->out->readers == 0 || sock->wshut;
	int revents = 0;

	if (sock->in->used != 0 || eof)
		revents |= events & TINE_POLLIN;
	if (broken || tine__pipe_has_room(sock->out))
		revents |= events & TINE_POLLOUT;
	if (eof && broken)
		revents |= TINE_POLLHUP;
	return (revents);
}
