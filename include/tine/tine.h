/* SPDX-License-Identifier: MIT */
/*
 * tine.h - everything.
 *
 *	error.h		error codes of the host plane
 *	explore.h	run a machine under many schedules, or all
 *	kern.h		kernel code of your own, to explore it
 *	machine.h	create, run and inspect a machine
 *	probe.h		points of the kernel to hook by name
 *	program.h	define the programs that run in it
 *	quirk.h		what other revisions of a kernel did otherwise
 *	race.h		a catalogue of races
 *	solaris.h	what only the Solaris family has, for its programs
 *	sys.h		what those programs call
 *	signal.h	the same for signals
 *	process.h	the same for LWPs, ids, limits, usage
 *	testing.h	a program, or all its schedules, as one test
 *	token.h		replay tokens
 *	trace.h		events and the forms they are written in
 */
#ifndef TINE_TINE_H
#define TINE_TINE_H

#include <tine/dragonfly.h>
#include <tine/error.h>
#include <tine/explore.h>
#include <tine/export.h>
#include <tine/file.h>
#include <tine/kern.h>
#include <tine/machine.h>
#include <tine/netbsd.h>
#include <tine/process.h>
#include <tine/probe.h>
#include <tine/program.h>
#include <tine/quirk.h>
#include <tine/race.h>
#include <tine/signal.h>
#include <tine/solaris.h>
#include <tine/sys.h>
#include <tine/testing.h>
#include <tine/token.h>
#include <tine/trace.h>
#include <tine/version.h>
#include <tine/vm.h>

#endif
