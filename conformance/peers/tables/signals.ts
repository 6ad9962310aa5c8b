// kill: every way to write a signal, and what the program gets.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shell } from '../../harness/config.js';
import type { PeerCase, Table } from '../case.js';

const trap = shell(
  'for s in HUP INT QUIT TERM USR1 USR2 WINCH CONT 34 36 63 64; do trap "echo got $s >> /tmp/got" $s; done; echo up > /tmp/up; while :; do sleep 0.01; done',
);
const signals = [
  'TERM',
  'SIGTERM',
  'sigterm',
  'term',
  '15',
  '0',
  '64',
  '65',
  '-1',
  'NO',
  '',
  'RTMIN',
  'RTMIN+2',
  'SIGRTMIN+2',
  'RTMAX',
  'RTMAX-1',
  'CLD',
  'USR1',
  'WINCH',
  '015',
  '0xf',
  ' 15',
];

async function until(path: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    if (existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')) return readFileSync(path, 'utf8').trim();
    await sleep(5);
  }
  return 'nothing';
}

export const signalTable: Table = signals.map((signal): PeerCase => ({
  name: `signals/ "${signal}"`,
  act: async (site) => {
    site.config.process.args = trap;
    site.writeConfig();
    await site.create();
    await site.verb('start');
    await until(join(site.rootfs, 'tmp/up'));
    const { code } = await site.verb('kill', [], [signal]);
    if (code === 0 && signal !== '0') site.facts.set('host got', await until(join(site.rootfs, 'tmp/got')));
  },
}));
