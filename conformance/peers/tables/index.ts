// All cases.
import type { Table } from '../case.js';
import { cgroups } from './cgroups.js';
import { cli } from './cli.js';
import { execTable } from './exec.js';
import { fieldTable } from './fields.js';
import { hooks } from './hooks.js';
import { linux } from './linux.js';
import { mountOptions } from './mount-options.js';
import { namespaces } from './namespaces.js';
import { processTable } from './process.js';
import { signalTable } from './signals.js';
import { stateTable } from './states.js';
import { updateTable } from './update.js';

export const tables: readonly Table[] = [
  fieldTable,
  mountOptions,
  processTable,
  namespaces,
  linux,
  cgroups,
  stateTable,
  signalTable,
  hooks,
  execTable,
  updateTable,
  cli,
];
