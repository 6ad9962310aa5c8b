// Containers with a seccomp filter.
import type { Box } from '../box.js';
import type { Config } from '../config.js';
import type { Container } from '../container.js';
import type { Profile } from '../seccomp-profile.js';

/** A container with the filter and no_new_privs. */
export function filtered(box: Box, seccomp: Profile, change: (config: Config) => void): Container {
  return box.container((config) => {
    config.process.noNewPrivileges = true;
    config.linux.seccomp = seccomp;
    change(config);
  });
}
