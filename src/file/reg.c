/* SPDX-License-Identifier: MIT */
/* reg.c - contents of regular files: blocks of kernel memory. */
#include <signal.h>

#include "file/impl.h"

#define BLOCK_TYPE "file block"
#define TABLE_TYPE "file blocks"

static struct tine__kmem *
memory(const struct tine__reg *reg)
{
	return (reg->node.fs->machine->kmem);
}

/* Room in the table for a block of that number. @return 0 or ENOSPC. */
static int
table_grow(struct tine__reg *reg, uint32_t index)
{
	uint32_t n = reg->nblocks == 0 ? 4 : reg->nblocks;
	char **blocks;

	while (n <= index)
		n *= 2;
	if (n == reg->nblocks)
		return (0);
	blocks = tine__kmem_alloc(memory(reg), TABLE_TYPE,
	    n * sizeof(*blocks), TINE__KM_NOSLEEP | TINE__KM_ZERO,
	    TINE__WHERE);
	if (blocks == NULL)
		return (ENOSPC);
	if (reg->blocks != NULL) {
		memcpy(blocks, reg->blocks, reg->nblocks * sizeof(*blocks));
		tine__kmem_free(memory(reg), TABLE_TYPE, reg->blocks,
		    reg->nblocks * sizeof(*blocks));
	}
	reg->blocks = blocks;
	reg->nblocks = n;
	return (0);
}

/* The block at an offset, made if need be. */
static int
block_get(struct tine__reg *reg, uint64_t offset, char **out)
{
	const uint32_t index = (uint32_t)(offset / FILE_BLOCK);
	int error = table_grow(reg, index);

	if (error != 0)
		return (error);
	if (reg->blocks[index] == NULL)
		reg->blocks[index] = tine__kmem_alloc(memory(reg), BLOCK_TYPE,
		    FILE_BLOCK, TINE__KM_NOSLEEP | TINE__KM_ZERO, TINE__WHERE);
	*out = reg->blocks[index];
	return (*out == NULL ? ENOSPC : 0);
}

static void
blocks_free(struct tine__reg *reg, uint32_t from)
{
	for (uint32_t i = from; i < reg->nblocks; i++) {
		if (reg->blocks[i] == NULL)
			continue;
		tine__kmem_free(memory(reg), BLOCK_TYPE, reg->blocks[i],
		    FILE_BLOCK);
		reg->blocks[i] = NULL;
	}
}

void
tine__reg_free(struct tine__reg *reg)
{
	blocks_free(reg, 0);
	if (reg->blocks != NULL)
		tine__kmem_free(memory(reg), TABLE_TYPE, reg->blocks,
		    reg->nblocks * sizeof(*reg->blocks));
}

int
tine__reg_read(struct tine__reg *reg, struct tine__uio *uio)
{
	static const char zeros[FILE_BLOCK];
	const char *from;
	size_t at, n;
	int error = 0;

	while (error == 0 && uio->resid != 0 && uio->offset < reg->size) {
		at = uio->offset % FILE_BLOCK;
		n = FILE_BLOCK - at;
		if (n > uio->resid)
			n = uio->resid;
		if (n > reg->size - uio->offset)
			n = (size_t)(reg->size - uio->offset);
		from = uio->offset / FILE_BLOCK < reg->nblocks ?
		    reg->blocks[uio->offset / FILE_BLOCK] : NULL;
		error = tine__uio_out(uio, (from != NULL ? from : zeros) + at,
		    n);
	}
	return (error);
}

/* How far a write may go. @return 0 or EFBIG, and SIGXFSZ for the caller. */
static int
write_limit(const struct tine__uio *uio, uint64_t *limit)
{
	const struct tine__fileops *ops = tine__fileops();

	*limit = FILE_BLOCKS * FILE_BLOCK;
	if (uio->limit != 0 && uio->limit - 1 < *limit) {
		*limit = uio->limit - 1;
		if (uio->offset >= *limit && ops != NULL)
			ops->signal(SIGXFSZ);
	}
	return (uio->offset >= *limit ? EFBIG : 0);
}

/* Each block at once or not at all; what fits under the limit counts. */
int
tine__reg_write(struct tine__reg *reg, struct tine__uio *uio, int flags)
{
	uint64_t limit;
	char *block;
	size_t at, n;
	int error;

	if ((flags & TINE_O_APPEND) != 0)
		uio->offset = reg->size;
	error = write_limit(uio, &limit);
	while (error == 0 && uio->resid != 0 && uio->offset < limit) {
		at = uio->offset % FILE_BLOCK;
		n = FILE_BLOCK - at;
		if (n > uio->resid)
			n = uio->resid;
		if (n > limit - uio->offset)
			n = (size_t)(limit - uio->offset);
		error = block_get(reg, uio->offset, &block);
		if (error == 0)
			error = tine__uio_in(uio, block + at, n);
		if (error == 0 && uio->offset > reg->size)
			reg->size = uio->offset;
	}
	reg->node.mtime = reg->node.fs->machine->now;
	return (error);
}

int
tine__reg_truncate(struct tine__reg *reg, uint64_t size)
{
	const uint32_t keep =
	    (uint32_t)((size + FILE_BLOCK - 1) / FILE_BLOCK);
	char *last;

	if (size > FILE_BLOCKS * FILE_BLOCK)
		return (EFBIG);
	if (size < reg->size) {
		blocks_free(reg, keep);
		last = size % FILE_BLOCK != 0 && keep <= reg->nblocks ?
		    reg->blocks[keep - 1] : NULL;
		if (last != NULL)
			memset(last + size % FILE_BLOCK, 0,
			    FILE_BLOCK - size % FILE_BLOCK);
	}
	reg->size = size;
	reg->node.mtime = reg->node.fs->machine->now;
	return (0);
}
