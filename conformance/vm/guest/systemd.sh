#!/bin/bash
# Process 1 is systemd, with only the job and what it may need: the message bus, and the manager of user 1000.
. "${0%/*}/mounts.sh"
# Otherwise systemd would think it runs in a container, and ignore the kernel's command line.
rm -f /.dockerenv

# At every daemon-reload, these look for things that this machine does not have, and slowly.
mount -t tmpfs tmpfs /lib/systemd/system-generators
mount -t tmpfs tmpfs /lib/systemd/user-generators

units=/run/systemd/system
mkdir -p "$units" /run/user/1000 /run/dbus
chown 1000:1000 /run/user/1000
chmod 700 /run/user/1000
grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'pocker:x:1000:1000::/scratch:/bin/sh' >> /etc/passwd

cat > "$units/pocker.target" << EOF
[Unit]
DefaultDependencies=no
Wants=pocker.service dbus.socket user@1000.service
EOF
cat > "$units/pocker.service" << EOF
[Unit]
DefaultDependencies=no
After=user@1000.service
[Service]
Type=oneshot
Environment="JOB=$JOB"
ExecStart=/bin/bash "$GUEST/job.sh"
StandardOutput=null
StandardError=null
EOF
cat > "$units/dbus.socket" << EOF
[Unit]
DefaultDependencies=no
[Socket]
ListenStream=/run/dbus/system_bus_socket
EOF
cat > "$units/dbus.service" << EOF
[Unit]
DefaultDependencies=no
Requires=dbus.socket
[Service]
ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only
ExecReload=/usr/bin/dbus-send --system --type=method_call --dest=org.freedesktop.DBus / org.freedesktop.DBus.ReloadConfig
EOF
# As in systemd, but without the login manager, which does not exist here.
cat > "$units/user@.service" << EOF
[Unit]
DefaultDependencies=no
Requires=dbus.service
After=dbus.service
[Service]
User=%i
Type=notify
Environment=XDG_RUNTIME_DIR=/run/user/%i
ExecStart=/lib/systemd/systemd --user --unit=default.target
Slice=user-%i.slice
Delegate=pids memory cpu cpuset io
KillMode=mixed
EOF

exec /lib/systemd/systemd --unit=pocker.target --log-target=kmsg --show-status=no < /dev/console > /dev/console 2>&1
