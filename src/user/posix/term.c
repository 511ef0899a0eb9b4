/* SPDX-License-Identifier: MIT */
/*
 * term.c - POSIX names of terminals. The kernels know of a terminal's local
 * flags alone; all else is as it is on a line that was never set up otherwise.
 */
#include "user/posix/posix.h"

#include <tine/file.h>

CTASSERT(ISIG == TINE_ISIG && ICANON == TINE_ICANON && ECHO == TINE_ECHO);
CTASSERT(TOSTOP == TINE_TOSTOP && NOFLSH == TINE_NOFLSH);
CTASSERT(TIOCGSID == TINE_TIOCGSID);

#define LOCAL (ISIG | ICANON | ECHO | TOSTOP | NOFLSH)

TINE__ON_PROGRAM_STACK int
P(tcgetattr)(int fd, struct termios *out)
{
	struct tine_termios is;
	const int result = (int)posix(tine_sys_ioctl(fd, TINE_TCGETS, &is));

	if (result != 0)
		return result;
	memset(out, 0, sizeof(*out));
	out->c_iflag = ICRNL | IXON;
	out->c_oflag = OPOST | ONLCR;
	out->c_cflag = CS8 | CREAD | B38400;
	out->c_lflag = is.lflag | ECHOE | ECHOK | IEXTEN;
	out->c_cc[VINTR] = 3;
	out->c_cc[VQUIT] = 28;
	out->c_cc[VERASE] = 127;
	out->c_cc[VKILL] = 21;
	out->c_cc[VEOF] = 4;
	out->c_cc[VSUSP] = 26;
	out->c_cc[VMIN] = 1;
	return P(cfsetispeed)(out, B38400) + P(cfsetospeed)(out, B38400);
}

/* Nothing is ever on its way out: all of the three mean at once. */
TINE__ON_PROGRAM_STACK int
P(tcsetattr)(int fd, int when, const struct termios *in)
{
	struct tine_termios is = { .lflag = in->c_lflag & LOCAL };

	if (when != TCSANOW && when != TCSADRAIN && when != TCSAFLUSH)
		return (int)posix(-EINVAL);
	if (when == TCSAFLUSH && P(tcflush)(fd, TCIFLUSH) != 0)
		return -1;
	return (int)posix(POINT(tine_sys_ioctl(fd, TINE_TCSETS, &is)));
}

speed_t
P(cfgetispeed)(const struct termios *t)
{
	return t->c_cflag & CBAUD;
}

speed_t
P(cfgetospeed)(const struct termios *t)
{
	return t->c_cflag & CBAUD;
}

int
P(cfsetospeed)(struct termios *t, speed_t speed)
{
	if ((speed & ~(speed_t)CBAUD) != 0)
		return (int)posix(-EINVAL);
	t->c_cflag = (t->c_cflag & ~(tcflag_t)CBAUD) | speed;
	return 0;
}

/* 0 is the speed of output. */
int
P(cfsetispeed)(struct termios *t, speed_t speed)
{
	return speed == 0 ? 0 : P(cfsetospeed)(t, speed);
}

void
P(cfmakeraw)(struct termios *t)
{
	t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
	    IGNCR | ICRNL | IXON);
	t->c_oflag &= ~(tcflag_t)OPOST;
	t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	t->c_cc[VMIN] = 1;
	t->c_cc[VTIME] = 0;
}

/* What has to be a terminal and then is no work. */
static int
terminal(int fd)
{
	const int64_t result = tine_sys_isatty(fd);

	return (int)posix(result == 1 ? 0 : result == 0 ? -ENOTTY : result);
}

int
P(tcdrain)(int fd)
{
	return terminal(fd);
}

int
P(tcflush)(int fd, int queue)
{
	CTASSERT(TCIFLUSH == 0 && TCOFLUSH == 1 && TCIOFLUSH == 2);
	if (queue < TCIFLUSH || queue > TCIOFLUSH)
		return (int)posix(-EINVAL);
	return (int)posix(tine_sys_ioctl(fd, TINE_TCFLSH,
	    (void *)(uintptr_t)(unsigned)queue));
}

int
P(tcflow)(int fd, int action)
{
	return action < TCOOFF || action > TCION ? (int)posix(-EINVAL) :
	    terminal(fd);
}

int
P(tcsendbreak)(int fd, int duration)
{
	(void)duration;
	return terminal(fd);
}

TINE__ON_PROGRAM_STACK pid_t
P(tcgetsid)(int fd)
{
	int sid;
	const int64_t result = tine_sys_ioctl(fd, TINE_TIOCGSID, &sid);

	return (pid_t)posix(result == 0 ? sid : result);
}

int
P(ttyname_r)(int fd, char *name, size_t size)
{
	static const char path[] = "/dev/console";
	const int64_t result = tine_sys_isatty(fd);

	if (result != 1)
		return result == 0 ? ENOTTY : (int)-result;
	if (size < sizeof(path))
		return ERANGE;
	memcpy(name, path, sizeof(path));
	return 0;
}
