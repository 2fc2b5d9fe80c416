#!/bin/bash
# Builds the bare-metal guest. usage: build.sh [OUTPUT-FOLDER | --digest]   (default: the resources of module guest)
# Writes pulse.bin (raw, to be loaded and entered at 0x80000000) and pulse.build (what it was built with and from).
. "$(dirname "$0")/../build-common.sh"
CFLAGS="$COMMON -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -DNAME=\"pulse\""
build pulse "$CFLAGS" "-T pulse.ld" raw start.S ../common/text.c ../common/pattern.c \
  console.c platform.c fdt.c options.c virtio.c net.c protocol.c main.c
