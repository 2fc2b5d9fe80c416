# Sourced by the build scripts of the guest programs: one way to build, the same bytes wherever the same tools are.
set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C SOURCE_DATE_EPOCH=0
CROSS=${CROSS:-riscv64-linux-gnu-}

# Everything an image depends on, in a fixed order.
source_files() { ls ./*.c ./*.h ./*.S ./*.ld ./build.sh ../common/*.c ../common/*.h ../build-common.sh 2>/dev/null || true; }
source_digest() { source_files | xargs cat | sha256sum | cut -d' ' -f1; }
if [ "${1:-}" = --digest ]; then source_digest; exit; fi

OUT=$(mkdir -p "${1:-../../guest/src/main/resources/handover/guest}" && cd "${1:-../../guest/src/main/resources/handover/guest}" && pwd)
command -v "${CROSS}gcc" >/dev/null || { echo "${CROSS}gcc is missing: install the package gcc-riscv64-linux-gnu" >&2; exit 2; }

COMMON="-std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -fno-pie -no-pie
  -mno-relax -fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections
  -fdata-sections -msmall-data-limit=0 -ffile-prefix-map=$PWD=. -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,norelro -Wl,--no-relax"

# build NAME CFLAGS LDFLAGS raw|elf SOURCE...: NAME.bin or NAME.elf, and NAME.build, in $OUT.
build() {
  local name=$1 cflags=$2 ldflags=$3 form=$4 work image
  shift 4
  work=$(mktemp -d)
  # shellcheck disable=SC2086
  "${CROSS}gcc" $cflags $ldflags -o "$work/$name.elf" "$@"
  if [ "$form" = raw ]; then
    image=$name.bin
    "${CROSS}objcopy" -O binary "$work/$name.elf" "$OUT/$image"
  else
    image=$name.elf
    "${CROSS}strip" -s -o "$OUT/$image" "$work/$name.elf"
  fi
  rm -r "$work"
  {
    echo "compiler=$("${CROSS}gcc" --version | head -1)"
    echo "linker=$("${CROSS}ld" --version | head -1)"
    echo "sources=$(source_digest)"
    echo "image=$(sha256sum <"$OUT/$image" | cut -d' ' -f1)"
  } >"$OUT/$name.build"
  echo "$OUT/$image $(stat -c %s "$OUT/$image") bytes"
}
