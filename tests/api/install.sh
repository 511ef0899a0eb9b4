#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh - install tine, move the tree, and use it as a stranger would.
# usage: install.sh CMAKE BUILD-DIR WORK-DIR LIBDIR CC [FLAGS]
set -eu

cmake=$1
build=$2
work=$3
libdir=$4
cc=$5
flags=${6:-}
consumer=$(dirname "$0")/consumer
sources=$(dirname "$0")/../..
root=$work/moved

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$root"
if grep -rlF -e "$work/first" -e "$build" "$root/$libdir/cmake" \
    "$root/$libdir/pkgconfig"; then
	echo "these files know where they were installed or built"
	exit 1
fi

echo "== find_package(tine)"
"$cmake" -S "$consumer" -B "$work/consumer" -DCMAKE_PREFIX_PATH="$root" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags" >"$work/cmake.log"
"$cmake" --build "$work/consumer" >>"$work/cmake.log"
for program in consumer_static consumer_shared consumer_program; do
	[ -x "$work/consumer/$program" ] || continue
	"$work/consumer/$program"
done

# Only what needs no library: that would be built once more.
echo "== add_subdirectory(tine)"
"$cmake" -S "$consumer" -B "$work/sub" -DTINE_SOURCE="$sources" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags" >"$work/sub.log"
"$cmake" --build "$work/sub" --target greets_module >>"$work/sub.log"
[ -f "$work/sub/greets.so" ]

echo "== pkg-config tine"
PKG_CONFIG_PATH=$root/$libdir/pkgconfig
export PKG_CONFIG_PATH
# The words of pkg-config are options, one each.
"$cc" $flags "$consumer/main.c" $(pkg-config --cflags --libs tine) \
    -o "$work/by_pkg_config"
LD_LIBRARY_PATH=$root/$libdir "$work/by_pkg_config"

echo "== pkg-config --static tine"
rm -f "$root/$libdir"/libtine.so*
"$cc" $flags "$consumer/main.c" $(pkg-config --cflags --libs --static tine) \
    -o "$work/by_pkg_config_static"
"$work/by_pkg_config_static"
