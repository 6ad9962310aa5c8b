#!/bin/sh
# apt-get, by which no service is started: Debian asks /usr/sbin/policy-rc.d. One that is there stays, it is the administrator's.
policy=/usr/sbin/policy-rc.d
trap 'exit 130' HUP INT TERM
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  # 101: forbidden.
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" || exit
fi
DEBIAN_FRONTEND=noninteractive apt-get "$@"
