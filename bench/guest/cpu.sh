#!/bin/sh
# Runs in the Linux guest of bench/cpu, as its first program: bench.kernels=A,B,... bench.runs=N bench.mib=M on the kernel's command line.
for word in $(cat /proc/cmdline); do
  case $word in
    bench.kernels=*) kernels=$(echo "${word#*=}" | tr , ' ') ;;
    bench.runs=*) runs=${word#*=} ;;
    bench.mib=*) mib=${word#*=} ;;
  esac
done

# Text that compresses to a third or so, the same everywhere.
data() {
  mount -t tmpfs -o size=90% none /mnt
  [ -e /mnt/data ] || find /lib/modules /bin/busybox -type f | sort | xargs cat | head -c $((mib << 20)) >/mnt/piece
  while [ "$(stat -c %s /mnt/data 2>/dev/null || echo 0)" -lt $((mib << 20)) ]; do cat /mnt/piece >>/mnt/data; done
  truncate -s "${mib}M" /mnt/data
  rm -f /mnt/piece
}

job() {
  echo "@ begin $1"
  echo "@ end $1 $("$2")"
}

gzip_job() { gzip -9 -c /mnt/data | md5sum | cut -c1-16; }
sha256_job() { sha256sum /mnt/data | cut -c1-16; }

echo # ends the line that the shell's prompt began
for kernel in $kernels; do
  case $kernel in
    gzip | sha256sum)
      [ -e /mnt/data ] || data
      for run in $(seq "$runs"); do job "$kernel" "${kernel%sum}_job"; done
      ;;
    *) /bin/kernels "$kernel" 2 "$runs" || echo "@ unknown $kernel" ;;
  esac
done
echo "@ over"
poweroff -f
