#!/bin/bash
# Runs test files, several at a time if possible: cases.sh LIST PATIENCE, where a line of LIST is "RUNTIME FILE REPORT".
# Failing cases are not our failure: they are in the reports.
export CONFORMANCE_PATIENCE=$2

# Hardware for limits: RDMA over a network that leads nowhere, a disk with a cost model (v2) or BFQ (v1).
modprobe -a dummy rdma_rxe
# The device of slirp4netns, for containers of an ordinary user.
modprobe tun
ip link add pocker0 type dummy
ip link set pocker0 up
rdma link add rxe0 type rxe netdev pocker0
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  echo "$(cat /sys/block/vda/dev) enable=1" > /sys/fs/cgroup/io.cost.qos
else
  modprobe bfq
  echo bfq > /sys/block/vda/queue/scheduler
fi

one() {
  local begin=$SECONDS
  RUNTIME=$1 node "$2" > "$3" 2>&1
  local status=$? result=passed
  [ "$status" -eq 0 ] || result=FAILED
  printf '%s %s (%d s)\n' "$result" "$(basename "$3" .tap)" $((SECONDS - begin))
}
export -f one

# They wait for the kernel for half of the time. What one test asks of systemd (daemon-reload) happens to all.
jobs=3
[ ! -d /run/systemd/system ] || jobs=1
xargs -P "$jobs" -L 1 bash -c 'one "$@"' one < "$1"
exit 0
