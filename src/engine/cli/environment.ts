// The environment of programs that replace this process.
import type { Engine } from '../engine.js';

/** The part of our environment that registry programs need. */
const names = [
  'PATH',
  'HOME',
  'TERM',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'REGISTRY_AUTH_FILE',
  'DOCKER_CONFIG',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'LANG',
];

export function environment({ host }: Engine): string[] {
  return names.flatMap((name) => {
    const value = host.env(name);
    return value === null ? [] : [`${name}=${value}`];
  });
}
