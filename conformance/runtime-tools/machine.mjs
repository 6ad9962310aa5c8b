// Facts about this machine that decide which lines of the suite can pass; expected.json's `when` names them.
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

function cgroupControllers() {
  // fields: name, hierarchy (0: none in v1), number of cgroups, enabled
  const rows = readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('#'));
  return rows
    .map((row) => row.split('\t'))
    .filter((row) => row[1] !== '0')
    .map((row) => row[0])
    .sort();
}

function hasCapability(number) {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return match !== null && ((BigInt(`0x${match[1]}`) >> BigInt(number)) & 1n) === 1n;
}

function hasAppArmor() {
  const file = '/sys/module/apparmor/parameters/enabled';
  return existsSync(file) && readFileSync(file, 'utf8').trim() === 'Y';
}

function hasSelinux() {
  return readFileSync('/proc/filesystems', 'utf8').includes('selinuxfs');
}

/** Conditions by name; each is true or false on this machine. */
export function machineConditions() {
  const controllers = cgroupControllers();
  const v1 = controllers.length > 0;
  return {
    'cgroup v1': v1,
    'no cgroup v1': !v1,
    'no hugetlb in cgroup v1': !controllers.includes('hugetlb'),
    'no net_cls in cgroup v1': !controllers.includes('net_cls'),
    'no blkio.leaf_weight': !existsSync('/sys/fs/cgroup/blkio/blkio.leaf_weight'),
    'no CAP_SYS_RESOURCE': !hasCapability(24),
    'no AppArmor': !hasAppArmor(),
    'no SELinux': !hasSelinux(),
  };
}

/** What peers.json was measured on: counts from another machine say nothing about this one. */
export function machineFingerprint() {
  const lastCapability = readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim();
  const conditions = Object.entries(machineConditions())
    .filter(([, holds]) => holds)
    .map(([name]) => name);
  return {
    arch: process.arch,
    cpus: os.cpus().length,
    controllers: cgroupControllers(),
    lastCapability: Number(lastCapability),
    conditions,
  };
}
