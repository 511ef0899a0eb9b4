/* SPDX-License-Identifier: MIT */
/*
 * vectors.c - reads and writes of several pieces: through the offset and at
 * one, in one piece into a pipe that many write to, and what is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 4
#define LINES 6

static void
fails(const char *what, ssize_t got, int want)
{
	const int error = errno;

	printf("%s: %d, %s\n", what, (int)got, error == want ?
	    "as it must" : strerror(error));
}

static void
at_an_offset(void)
{
	char a[4] = "abc", b[4] = "def", c[4] = "", d[4] = "";
	struct iovec out[2] = { { a, 3 }, { b, 3 } };
	struct iovec in[2] = { { c, 2 }, { d, 3 } };
	int fd = open("/tmp/tine_vectors", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int fds[2];

	unlink("/tmp/tine_vectors");
	printf("wrote %d at 4, %d through the offset\n",
	    (int)pwritev(fd, out, 2, 4), (int)writev(fd, out, 1));
	printf("the offset is %d\n", (int)lseek(fd, 0, SEEK_CUR));
	printf("the end is %d\n", (int)lseek(fd, 0, SEEK_END));
	printf("read %d at 5: ", (int)preadv(fd, in, 2, 5));
	printf("%s %s\n", c, d);
	printf("read %d beyond the end\n", (int)preadv(fd, in, 2, 100));
	fails("at -1", preadv(fd, in, 2, -1), EINVAL);
	in[1].iov_len = (size_t)-1;
	fails("more than there can be", preadv(fd, in, 2, 0), EINVAL);
	if (pipe(fds) != 0)
		exit(1);
	fails("into a pipe", pwritev(fds[1], out, 2, 0), ESPIPE);
	fails("to nobody", pwritev(99, out, 2, 0), EBADF);
}

/* Lines of three pieces: none is torn. */
static void
write_lines(int fd, int who)
{
	char head[8], middle[32], tail[2] = "\n";
	struct iovec line[3];

	for (int i = 0; i < LINES; i++) {
		snprintf(head, sizeof(head), "<%d:%d", who, i);
		memset(middle, 'a' + who, sizeof(middle));
		middle[sizeof(middle) - 1] = '>';
		line[0].iov_base = head;
		line[0].iov_len = strlen(head);
		line[1].iov_base = middle;
		line[1].iov_len = sizeof(middle);
		line[2].iov_base = tail;
		line[2].iov_len = 1;
		if (writev(fd, line, 3) != (ssize_t)(line[0].iov_len +
		    sizeof(middle) + 1))
			_exit(1);
	}
	_exit(0);
}

int
main(void)
{
	int fds[2], status, good = 0, bad = 0, seen[WRITERS] = { 0 };
	char text[80];
	size_t have = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	at_an_offset();
	if (pipe(fds) != 0)
		return 1;
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_lines(fds[1], i);
	close(fds[1]);
	while (read(fds[0], text + have, 1) == 1) {
		if (text[have++] != '\n')
			continue;
		/* <who:which and 31 times the same letter, in order */
		if (have == 37 && text[0] == '<' && text[35] == '>' &&
		    text[1] >= '0' && text[1] < '0' + WRITERS &&
		    text[3] == '0' + seen[text[1] - '0']++ &&
		    (int)strspn(text + 4, (char[2]){ (char)('a' + text[1] -
		    '0'), 0 }) == 31)
			good++;
		else
			bad++;
		have = 0;
	}
	for (int i = 0; i < WRITERS; i++)
		if (wait(&status) < 0 || status != 0)
			bad++;
	printf("%d lines, %d torn\n", good, bad);
	return 0;
}
