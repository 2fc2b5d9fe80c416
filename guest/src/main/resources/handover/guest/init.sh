#!/bin/sh
# Process 1 of the Linux guest. Kernel command line:
#   handover.ip=A.B.C.D/N     address of eth0 (10.0.2.15/24)     handover.gw=A.B.C.D   default route
#   handover.dirty=MiB/s      memory-dirtying job                handover.dirty-region=MiB (64)
#   handover.run=PATH         program started when all is up
#   handover.sum=MiB          checksum job                       handover.beat=ms      heartbeat lines
export PATH=/bin:/sbin HOME=/root TERM=vt100
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
/bin/busybox --install -s /bin
mkdir -p /dev/pts && mount -t devpts pts /dev/pts
hostname guest
echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd

ip=10.0.2.15/24
gw=
run=
jobs=
for word in $(cat /proc/cmdline); do
  case $word in
    handover.ip=*) ip=${word#*=} ;;
    handover.gw=*) gw=${word#*=} ;;
    handover.run=*) run=${word#*=} ;;
    handover.dirty=* | handover.dirty-region=* | handover.sum=* | handover.beat=*) jobs="$jobs ${word#handover.}" ;;
    handover.*) echo "handover-guest: option not understood: $word" ;;
  esac
done

modprobe virtio_mmio
modprobe virtio_net
modprobe virtio_blk
modprobe virtio_rng 2>/dev/null

ip link set lo up
tries=0
while [ ! -e /sys/class/net/eth0 ] && [ $tries -lt 20 ]; do
  tries=$((tries + 1))
  usleep 50000
done
if [ -e /sys/class/net/eth0 ]; then
  echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_notify
  ip addr add "$ip" dev eth0
  ip link set eth0 up
  [ -n "$gw" ] && ip route add default via "$gw"
else
  echo "handover-guest: no network device"
fi

agent run $jobs

echo "handover-guest: ready"
[ -n "$run" ] && "$run" &
while :; do
  setsid cttyhack sh
done
