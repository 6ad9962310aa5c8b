# Sourced by process 1: the file systems of a Linux system, and cgroups in the requested layout.
. "$JOB/settings"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/hugepages
mount -t devpts -o ptmxmode=0666,newinstance devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t hugetlbfs hugetlbfs /dev/hugepages
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
for link in fd: stdin:/0 stdout:/1 stderr:/2; do ln -sfn "/proc/self/fd${link#*:}" "/dev/${link%%:*}"; done

mount_9p() { mkdir -p "$2" && mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 "$1" "$2"; }
mount_9p job "$JOB"
number=0
for folder in $SHARES; do
  mount_9p "share$number" "$folder"
  number=$((number + 1))
done
mkdir -p /lib/modules
mount --bind "$MODULES" /lib/modules
ip link set lo up

# The machine's own disk: the root is an overlay, which lacks many features of other file systems.
modprobe -a virtio_blk ext4
mkdir /scratch
mount -t ext4 /dev/vda /scratch
chmod 1777 /scratch

mount_v1() {
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups | while read -r controller; do
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"
  done
  mkdir /sys/fs/cgroup/systemd
  mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
}

case $CGROUPS in
  v2) mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
  v1) mount_v1 ;;
  hybrid)
    mount_v1
    mkdir /sys/fs/cgroup/unified
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
    ;;
esac
