#!/usr/bin/env node
// Installs and builds the engines, then runs their scripts (main.ts). Needs root, and build/js from `npx tsc -p .`.
//   conformance/engines/run.mjs [--prepare | --prepared] …      --prepare: only that; --prepared: everything is there already
import { join } from 'node:path';
import { fail, root } from '../../scripts/run.mjs';
import { prepare } from './prepare.mjs';

if (process.getuid() !== 0) fail('the engines need root');
const { choose, main } = await import(join(root, 'build/js/conformance/engines/main.js'));
const words = process.argv.slice(2);
const choice = choose(words.filter((word) => !['--prepare', '--prepared'].includes(word)));
if (typeof choice === 'string') fail(choice);
if (!words.includes('--prepared')) prepare(choice.engines);
if (!words.includes('--prepare')) process.exitCode = await main(choice);
