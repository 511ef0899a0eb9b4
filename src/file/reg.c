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

/* The block at an offset in the pages of a file that was mapped. */
static char *
page_block(const struct tine__reg *reg, uint64_t offset, bool make)
{
	unsigned char *page = tine__object_page(reg->object,
	    (uint32_t)(offset / TINE__PAGE), make);

	return (page == NULL ? NULL : (char *)page +
	    offset % TINE__PAGE / FILE_BLOCK * FILE_BLOCK);
}

/* The block at an offset, NULL: all zeros. */
static char *
block_peek(const struct tine__reg *reg, uint64_t offset)
{
	if (reg->object != NULL)
		return (page_block(reg, offset, false));
	return (offset / FILE_BLOCK < reg->nblocks ?
	    reg->blocks[offset / FILE_BLOCK] : NULL);
}

/* The block at an offset, made if need be. */
static int
block_get(struct tine__reg *reg, uint64_t offset, char **out)
{
	const uint32_t index = (uint32_t)(offset / FILE_BLOCK);
	int error;

	if (reg->object != NULL) {
		*out = page_block(reg, offset, true);
		return (*out == NULL ? ENOSPC : 0);
	}
	error = table_grow(reg, index);
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
	reg->blocks = NULL;
	reg->nblocks = 0;
	if (reg->object != NULL)
		tine__object_rele(reg->object);
	reg->object = NULL;
}

/* Move what the blocks hold into pages. */
int
tine__node_object(struct tine__node *node, struct tine__object **out)
{
	struct tine__reg *reg = (struct tine__reg *)node;
	struct tine__object *object;
	unsigned char *page;

	if (node->type != TINE__NODE_REG)
		return (ENODEV);
	if (reg->object == NULL) {
		object = tine__object_create(node->fs->machine->vm,
		    (uint32_t)(FILE_BLOCKS * FILE_BLOCK / TINE__PAGE));
		if (object == NULL)
			return (ENOMEM);
		for (uint32_t i = 0; i < reg->nblocks; i++) {
			if (reg->blocks[i] == NULL)
				continue;
			page = tine__object_page(object, (uint32_t)(i *
			    FILE_BLOCK / TINE__PAGE), true);
			if (page == NULL) {
				tine__object_rele(object);
				return (ENOMEM);
			}
			memcpy(page + i * FILE_BLOCK % TINE__PAGE,
			    reg->blocks[i], FILE_BLOCK);
		}
		tine__reg_free(reg);
		reg->object = object;
	}
	*out = reg->object;
	return (0);
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
		from = block_peek(reg, uio->offset);
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
	uint64_t at = size;
	char *block;

	if (size > FILE_BLOCKS * FILE_BLOCK)
		return (EFBIG);
	if (reg->object == NULL && size < reg->size)
		blocks_free(reg, (uint32_t)((size + FILE_BLOCK - 1) /
		    FILE_BLOCK));
	/* Pages stay where they are mapped; what was cut is zeros. */
	while (at < reg->size) {
		block = block_peek(reg, at);
		if (block != NULL)
			memset(block + at % FILE_BLOCK, 0,
			    FILE_BLOCK - at % FILE_BLOCK);
		at = (at / FILE_BLOCK + 1) * FILE_BLOCK;
	}
	reg->size = size;
	reg->node.mtime = reg->node.fs->machine->now;
	return (0);
}
