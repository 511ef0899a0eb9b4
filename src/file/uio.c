/* SPDX-License-Identifier: MIT */
/* uio.c - data on its way between a kernel's buffer and a program's pieces. */
#include "file/impl.h"

/* As much as is in one piece is at the address: at most n, and more than 0. */
static size_t
uio_piece(struct tine__uio *uio, size_t n)
{
	size_t left;

	if (uio->iov == NULL)
		return (n);
	while (uio->done == uio->iov->size) {
		uio->iov++;
		uio->done = 0;
	}
	uio->base = (uintptr_t)uio->iov->base + uio->done;
	left = uio->iov->size - uio->done;
	return (n < left ? n : left);
}

void
tine__uio_moved(struct tine__uio *uio, size_t n)
{
	uio->base += n;
	uio->resid -= n;
	uio->offset += n;
	uio->done += n;
}

/* Move n bytes, or none of them as far as uio tells. */
static int
uio_move(struct tine__uio *uio, void *in, const void *out, size_t n)
{
	const struct tine__fileops *ops = tine__fileops();
	const struct tine__uio before = *uio;
	size_t at, now;
	int error = 0;

	ASSERT3(n, <=, uio->resid);
	for (at = 0; error == 0 && at < n; at += now) {
		now = uio_piece(uio, n - at);
		if (uio->kernel || ops == NULL)
			memcpy(in != NULL ? (char *)in + at : (void *)uio->base,
			    in != NULL ? (const void *)uio->base :
			    (const char *)out + at, now);
		else if (in != NULL)
			error = ops->from_user((const void *)uio->base,
			    (char *)in + at, now);
		else
			error = ops->to_user((const char *)out + at,
			    (void *)uio->base, now);
		if (error == 0)
			tine__uio_moved(uio, now);
	}
	if (error != 0)
		*uio = before;
	return (error);
}

int
tine__uio_in(struct tine__uio *uio, void *kernel, size_t n)
{
	return (uio_move(uio, kernel, NULL, n));
}

int
tine__uio_out(struct tine__uio *uio, const void *kernel, size_t n)
{
	return (uio_move(uio, NULL, kernel, n));
}
