// The Host of Node: the addon, and what Node knows better than the process does.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Host } from './host.js';

/** The addon: the Host, and what src/api needs from the operating system (addon/napi/client.h). */
export interface Addon extends Host {
  readonly client: Client;
}

export interface Client {
  /** For a process that belongs to the Host alone: sets signals up as the Host needs them. */
  begin(): void;
  /**
   * Sends a request with descriptors to the fork server, which is started from `executable` if necessary. Returns our end of the
   * request's channel; -1: not now.
   */
  request(executable: string, text: string, stdio: readonly number[], preserved: readonly number[]): number;
  /** The same of whoever reads `socket`. */
  requestFrom(socket: number, text: string, stdio: readonly number[]): number;
  pipe(): [readEnd: number, writeEnd: number];
  socketPair(): [number, number];
  /** A descriptor that was sent already; -1: none was. */
  receiveDescriptor(socket: number): number;
  /** Sets the size of a terminal. */
  resize(fd: number, columns: number, rows: number): void;
  /** A sealed memfd with that program, which every user may execute. */
  makeExecutable(program: Uint8Array): number;
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
