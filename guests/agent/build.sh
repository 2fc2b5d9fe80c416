#!/bin/bash
# Builds the agent of the Linux guest. usage: build.sh [OUTPUT-FOLDER | --digest]   (default: the resources of module guest)
# Writes agent.elf (static, no C library) and agent.build (what it was built with and from).
. "$(dirname "$0")/../build-common.sh"
CFLAGS="$COMMON -march=rv64imac -mabi=lp64 -DNAME=\"agent\" -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack"
build agent "$CFLAGS" "" elf start.S ../common/text.c ../common/pattern.c sys.c jobs.c serve.c main.c
