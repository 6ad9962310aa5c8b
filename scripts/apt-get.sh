#!/bin/sh
# apt-get without starting services: Debian asks /usr/sbin/policy-rc.d. An existing one is the administrator's and stays.
policy=/usr/sbin/policy-rc.d
trap 'exit 130' HUP INT TERM
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  # 101: forbidden.
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy" || exit
fi
DEBIAN_FRONTEND=noninteractive apt-get "$@"
