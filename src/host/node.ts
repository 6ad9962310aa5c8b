// The Host of Node: the addon, and what Node knows better than its process does.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.js';

/** The addon: the Host, and what src/api uses of the operating system (addon/napi/client.h). */
export interface Addon extends Host {
  readonly client: Client;
}

export interface Client {
  /** For a process that the Host has for itself: signals are as it wants them. */
  begin(): void;
  /**
   * Sends a request with descriptors to the fork server, which is started from `executable` if there is none. Our end of the
   * request's channel; -1: not now.
   */
  request(executable: string, text: string, stdio: readonly number[], preserved: readonly number[]): number;
  pipe(): [readEnd: number, writeEnd: number];
  socketPair(): [number, number];
  /** One that was sent already; -1: none was. */
  receiveDescriptor(socket: number): number;
  /** Of a terminal. */
  resize(fd: number, columns: number, rows: number): void;
  close(fd: number): void;
}

export function loadAddon(): Addon {
  return createRequire(import.meta.url)('../pocker.node') as Addon;
}

/** @param args the command line without node and script. */
export function nodeHost(args: readonly string[]): Host {
  const { client, ...host } = loadAddon();
  client.begin();
  return { ...host, args, directory: fileURLToPath(new URL('..', import.meta.url)) };
}
