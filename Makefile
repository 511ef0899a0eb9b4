# SPDX-License-Identifier: MIT
# Makefile - the few commands that a newcomer needs. CMake does the work.

# What "make demo" shows.
DEMO = run fork_twice --kernel illumos --seed 7 --trace text

.PHONY: help deps demo check bench clean

help:
	@echo "make demo    build tine and run a program that forks"
	@echo "make check   run every test, plain and with sanitizers"
	@echo "make bench   measure, beside what you would use instead"
	@echo "make clean   remove build/"
	@echo "Each installs what is missing (Debian packages) first."

deps:
	@scripts/install-deps

demo: deps
	@scripts/build dev tine_command
	@echo '$$ tine $(DEMO)'
	@build/dev/tools/tine $(DEMO)

# One ctest run over both builds, so that the last lines count every test.
check: deps
	@scripts/build dev
	@scripts/build asan
	@mkdir -p build/check
	@printf 'subdirs("%s" "%s")\n' ../dev ../asan \
	    > build/check/CTestTestfile.cmake
	@ctest --test-dir build/check -j2 --output-on-failure --no-tests=error

bench: deps
	@scripts/build release tine_bench
	@build/release/bench/tine_bench build/release/bench.json

clean:
	rm -rf build
