#!/usr/bin/env node
// Faults in every call of every command (see main.ts). Needs root, and build/js from `npx tsc -p .`.
import { join } from 'node:path';
import { fail, root } from '../../scripts/run.mjs';

if (process.getuid() !== 0) fail('containers with cgroups need root');
await import(join(root, 'build/js/conformance/faults/main.js'));
