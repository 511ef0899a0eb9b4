/* SPDX-License-Identifier: MIT */
/* symlinks.c - links: where they lead, what they are, who does not follow. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
word(int result)
{
	switch (result == -1 ? errno : 0) {
	case 0:
		return "ok";
	case ELOOP:
		return "loop";
	case ENOENT:
		return "none";
	case EEXIST:
		return "exists";
	case ENOTDIR:
		return "no directory";
	case EINVAL:
		return "invalid";
	default:
		return strerror(errno);
	}
}

static void
say(const char *what, int result)
{
	printf("%s: %s\n", what, word(result));
}

static void
show(const char *path)
{
	char text[64] = "";
	struct stat st, to;

	if (lstat(path, &st) != 0) {
		say(path, -1);
		return;
	}
	printf("%s: %s", path, S_ISLNK(st.st_mode) ? "link" :
	    S_ISDIR(st.st_mode) ? "directory" : "file");
	if (readlink(path, text, sizeof(text) - 1) >= 0)
		printf(" %zu to %s", (size_t)st.st_size, text);
	else
		printf(" (%s)", word(-1));
	printf(", %s\n", stat(path, &to) != 0 ? word(-1) :
	    S_ISDIR(to.st_mode) ? "directory" : "file");
}

static int
reads(const char *path)
{
	char c = 0;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, &c, 1) == 1)
		printf("[%c] ", c);
	close(fd);
	return 0;
}

static void
writes(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		say(path, -1);
	close(fd);
}

static void
real(const char *path, const char *base)
{
	char *result = realpath(path, NULL);

	printf("real %s: %s\n", path, result == NULL ? word(-1) :
	    strncmp(result, base, strlen(base)) == 0 ?
	    result + strlen(base) : "elsewhere");
	free(result);
}

int
main(void)
{
	char base[64], text[8];
	int status;

	setvbuf(stdout, NULL, _IONBF, 0);
	snprintf(base, sizeof(base), "/tmp/symlinks.%d", (int)getpid());
	if (mkdir(base, 0755) != 0 || chdir(base) != 0)
		return 1;
	mkdir("d", 0755);
	writes("d/f", "f");
	say("symlink", symlink("d", "l"));
	say("again", symlink("x", "l"));
	symlink("f", "d/s");
	symlink("../l/s", "d/far");
	symlink("nowhere", "dangling");
	symlink("loop", "loop");
	symlink("b", "a");
	symlink("a", "b");
	show("l");
	show("l/");
	show("l/s");
	show("d/far");
	show("dangling");
	show("loop");
	show("d/f");
	say("through", reads("l/far"));
	say("slash", reads("l/far/"));
	say("loop", reads("loop"));
	say("a", reads("a/x"));
	say("nofollow", open("l/s", O_RDONLY | O_NOFOLLOW));
	say("excl", open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644));
	writes("dangling", "n");
	show("nowhere");
	say("short", readlink("d/far", text, 3) == 3 ? 0 : -1);
	printf("%.3s\n", text);
	say("rmdir", rmdir("l"));
	say("unlink", unlink("l/s"));
	say("remove", remove("dangling"));
	show("nowhere");
	say("rename", rename("l", "d/moved"));
	show("d/moved");
	say("replace", rename("nowhere", "d/moved"));
	show("d/moved");
	symlink("d", "l");
	real("l/far", base);
	real("l/../l/.//f", base);
	real("loop", base);
	real("l/f/", base);
	real("l/none", base);
	symlink(base, "abs");
	real("abs/l/f", base);
	fflush(stdout);
	if (fork() == 0) {
		if (chdir("l") != 0)
			_exit(1);
		say("cwd", reads("../abs/d/f"));
		_exit(0);
	}
	wait(&status);
	printf("status %d\n", status);
	for (const char *const names[] = { "d/f", "d/far", "d/moved", "l",
	    "loop", "a", "b", "abs" }, *const *name = names;
	    name < names + 8; name++)
		say(*name, unlink(*name));
	say("d", rmdir("d"));
	say("base", rmdir(base));
	return 0;
}
