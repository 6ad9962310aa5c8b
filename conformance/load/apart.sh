#!/bin/sh
# Runs a program in cgroups, a process and a mount namespace of its own, with these cgroups as the roots of their hierarchies: what a
# load leaves is then told from what others do to the machine meanwhile. On cgroup v2 it runs where it is, as a cgroup there
# cannot have both processes and children with controllers. Called in a mount namespace of its own.
set -e
# crun refuses to run if a hybrid machine's v2 hierarchy is mounted, and leaves directories where it was.
umount /sys/fs/cgroup/unified 2> /dev/null && mount -t tmpfs tmpfs /sys/fs/cgroup/unified
hierarchies=$(findmnt -rn -t cgroup -o TARGET,FS-OPTIONS | sed 's/ rw,/ /; s/xattr,//; s/clone_children,//')
test -n "$hierarchies" || exec "$@"

directories=$(
  echo "$hierarchies" | while read -r target controllers; do
    path=$(awk -F: -v wanted="$controllers" '$2 == wanted { print $3 }' /proc/self/cgroup)
    echo "$target${path%/}/pkr-load-$$"
  done
)
# However it ends: what is in them has ended with its process namespace, or is about to.
remove() {
  for directory in $directories; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      test -d "$directory" || continue 2
      find "$directory" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.2
    done
    echo "cannot remove $directory" >&2
  done
}
trap remove EXIT
# SIGKILL: unshare(1) blocks other signals. All that it has begun ends with it.
cut_off() {
  test -z "$child" || kill -KILL "$child"
  exit "$1"
}
child=
trap 'cut_off 130' INT
trap 'cut_off 143' HUP TERM
for directory in $directories; do
  mkdir "$directory"
  for file in cpuset.cpus cpuset.mems; do
    test ! -e "$directory/$file" || cat "$directory/../$file" > "$directory/$file"
  done
done

# shellcheck disable=SC2016
enter='
  for directory in $1; do echo $$ > "$directory/cgroup.procs"; done
  shift
  exec unshare --cgroup --mount --pid --fork --kill-child --mount-proc sh -ec "$@"'
# The shell stays, as process 1 that reaps what the load orphans.
# shellcheck disable=SC2016
inside='
  echo "$1" | while read -r target controllers; do
    case $controllers in name=*) controllers=none,$controllers ;; esac
    umount "$target"
    mount -t cgroup -o "$controllers" cgroup "$target"
  done
  shift
  # Mounts of others go when they remove their directories.
  findmnt -rn -o TARGET | grep "^${TMPDIR:-/tmp}/" | sort -r | xargs -r umount --lazy
  export LOAD_APART=yes
  status=0
  "$@" || status=$?
  exit $status'
status=0
sh -ec "$enter" sh "$directories" "$inside" sh "$hierarchies" "$@" &
child=$!
wait "$child" || status=$?
child=
exit $status
