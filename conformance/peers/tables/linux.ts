// The other fields of linux, and root: devices, paths, sysctls, seccomp, propagation, personality.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from '../../harness/config.js';
import { apply, casesOf, type Change, inUserNamespace, type Table } from '../case.js';
import { probe } from '../probe.js';
import { Site } from '../site.js';

type Changes = Readonly<Record<string, Change>>;

const nul = { path: '/dev/x', type: 'c', major: 1, minor: 3 };
const device = (...list: object[]): Change => ({ 'linux.devices': list });
const devices: Changes = {
  'device /dev/x': device(nul),
  'device with mode and owner': device({ ...nul, fileMode: 0o640, uid: 3, gid: 4 }),
  'device with mode 0': device({ ...nul, fileMode: 0 }),
  'device with mode 0100666': device({ ...nul, fileMode: 0o100666 }),
  'device of type u': device({ ...nul, type: 'u' }),
  'device of type p': device({ path: '/dev/x', type: 'p' }),
  'device of type b': device({ path: '/dev/x', type: 'b', major: 7, minor: 0 }),
  'device of type a': device({ ...nul, type: 'a' }),
  'device without numbers': device({ path: '/dev/x', type: 'c' }),
  'device with negative numbers': device({ ...nul, major: -1, minor: -1 }),
  'device with too large numbers': device({ ...nul, major: 5000, minor: 2_000_000 }),
  'device below a new directory': device({ ...nul, path: '/dev/a/b/x' }),
  'device outside of /dev': device({ ...nul, path: '/x/y' }),
  'device with a relative path': device({ ...nul, path: 'x' }),
  'device with ..': device({ ...nul, path: '/dev/../x' }),
  'device twice': device(nul, nul),
  'device twice, unlike': device(nul, { ...nul, minor: 5 }),
  'device /dev/null': device({ ...nul, path: '/dev/null' }),
  'device /dev/null, another': device({ ...nul, path: '/dev/null', minor: 5 }),
  'device /dev/ptmx': device({ ...nul, path: '/dev/ptmx', major: 5, minor: 2 }),
  'device /dev/console': device({ ...nul, path: '/dev/console', major: 5, minor: 1 }),
  'device where a file is': (config, site) => {
    writeFileSync(join(site.rootfs, 'x'), 'text');
    apply(device({ ...nul, path: '/x' }), config, site);
  },
  'device where a link is': (config, site) => {
    symlinkSync('/tmp/y', join(site.rootfs, 'x'));
    apply(device({ ...nul, path: '/x' }), config, site);
  },
};

const look =
  'for p in /f /d /d/f /l /proc/kcore /proc/sys /sys; do /bin/busybox ls -ld $p; /bin/busybox cat $p 2>&1 | /bin/busybox head -n 1; echo > $p; done 2>&1 | /bin/busybox sed "s/  *[A-Z][a-z][a-z]  *[0-9]* [0-9:]* / /"';

const paths = (site: Site): void => {
  mkdirSync(join(site.rootfs, 'd'));
  writeFileSync(join(site.rootfs, 'd/f'), 'text\n');
  writeFileSync(join(site.rootfs, 'f'), 'text\n');
  symlinkSync('/f', join(site.rootfs, 'l'));
  site.config.process.args = shell(probe(look));
};

const pathLists: Readonly<Record<string, unknown>> = {
  '[]': [],
  'a file': ['/f'],
  'a directory': ['/d'],
  'a directory and a file below': ['/d', '/d/f'],
  'a file and its directory': ['/d/f', '/d'],
  'a file twice': ['/f', '/f'],
  'a link': ['/l'],
  'a missing file': ['/nosuch/x'],
  'below a file': ['/f/x'],
  'a relative path': ['f'],
  'an empty path': [''],
  '/': ['/'],
  '/proc files': ['/proc/kcore', '/proc/sys'],
  'a slash at the end': ['/d/'],
  '..': ['/d/../f'],
};

const both = ['maskedPaths', 'readonlyPaths'].flatMap((field) =>
  Object.entries(pathLists).map(([name, list]): [string, Change] => [
    `${field} ${name}`,
    (config, site) => {
      paths(site);
      apply({ [`linux.${field}`]: list }, config, site);
    },
  ]),
);

const mountBelow: Changes = {
  'readonlyPaths a directory with a mount below': (config, site) => {
    mkdirSync(join(site.rootfs, 'd/m'), { recursive: true });
    config.mounts.push({ destination: '/d/m', type: 'tmpfs', source: 'tmpfs' });
    config.linux.readonlyPaths = ['/d'];
    site.config.process.args = shell(probe('for p in /d/x /d/m/x; do echo > $p && echo "wrote $p"; done 2>&1'));
  },
};

const sysctlOf =
  (sysctl: Record<string, string>, ...gone: string[]): Change =>
  (config, site) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !gone.includes(type));
    config.linux.sysctl = sysctl;
    const files = Object.keys(sysctl).map((name) => `/proc/sys/${name.replaceAll('.', '/')}`);
    site.config.process.args = shell(probe(`/bin/busybox head ${files.join(' ')} 2>&1`));
  };
const sysctls: Changes = {
  'sysctl {}': sysctlOf({}),
  'sysctl of net': sysctlOf({ 'net.ipv4.ip_forward': '1' }),
  'sysctl of net with slashes': sysctlOf({ 'net/ipv4/ip_forward': '1' }),
  'sysctl of a device with a dot': sysctlOf({ 'net/ipv4/conf/lo.1/forwarding': '1' }),
  'sysctl of net without a namespace': sysctlOf({ 'net.ipv4.ip_forward': '1' }, 'network'),
  'sysctl of ipc': sysctlOf({ 'kernel.shmmax': '4096' }),
  'sysctl of ipc without a namespace': sysctlOf({ 'kernel.shmmax': '4096' }, 'ipc'),
  'sysctl of mqueue': sysctlOf({ 'fs.mqueue.msg_max': '20' }),
  'sysctl kernel.hostname': sysctlOf({ 'kernel.hostname': 'x' }),
  'sysctl kernel.domainname': sysctlOf({ 'kernel.domainname': 'x' }),
  'sysctl of the machine': sysctlOf({ 'vm.swappiness': '60' }),
  'sysctl kernel.pid_max': sysctlOf({ 'kernel.pid_max': '4194304' }),
  'sysctl that nobody knows': sysctlOf({ 'net.nosuch': '1' }),
  'sysctl with a bad value': sysctlOf({ 'net.ipv4.ip_forward': 'x' }),
  'sysctl with an empty value': sysctlOf({ 'net.ipv4.ip_forward': '' }),
  'sysctl with ..': sysctlOf({ 'net/../kernel/pid_max': '4194304' }),
  'sysctl with an empty name': sysctlOf({ '': '1' }),
  'sysctl with a newline': sysctlOf({ 'net.ipv4.ip_forward': '1\n' }),
};

const filter =
  (profile: object): Change =>
  (config, site) => {
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', ...profile };
    site.config.process.args = shell(probe('/bin/busybox mkdir /tmp/x; echo $?; [ -d /tmp/x ] && echo made'));
  };
const rule = (action: string, more: object = {}, names = ['mkdir', 'mkdirat']): Change =>
  filter({ syscalls: [{ names, action, ...more }] });
const actions =
  'SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_NOTIFY SCMP_ACT_NO'.split(
    ' ',
  );
const flags =
  'SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV SECCOMP_FILTER_FLAG_NO'.split(
    ' ',
  );
const operators = 'SCMP_CMP_NE SCMP_CMP_LT SCMP_CMP_LE SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_MASKED_EQ SCMP_CMP_NO'.split(
  ' ',
);
const architectures = 'SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32 SCMP_ARCH_AARCH64 SCMP_ARCH_LOONGARCH64 SCMP_ARCH_NO'.split(
  ' ',
);
const seccomp: Changes = {
  'seccomp {}': { 'linux.seccomp': {} },
  'seccomp without rules': filter({}),
  'seccomp with empty lists': filter({ architectures: [], flags: [], syscalls: [] }),
  ...Object.fromEntries(actions.map((action) => [`seccomp rule ${action}`, rule(action)])),
  ...Object.fromEntries(actions.map((action) => [`seccomp default ${action}`, filter({ defaultAction: action })])),
  ...Object.fromEntries(
    [0, 13, 4095, 4096, 70_000].map((errnoRet) => [`seccomp errnoRet ${errnoRet}`, rule('SCMP_ACT_ERRNO', { errnoRet })]),
  ),
  'seccomp errnoRet of another action': rule('SCMP_ACT_ALLOW', { errnoRet: 5 }),
  'seccomp defaultErrnoRet of another action': filter({ defaultErrnoRet: 5 }),
  ...Object.fromEntries(
    flags.map((flag) => [
      `seccomp flag ${flag}`,
      filter({ flags: [flag], syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] }),
    ]),
  ),
  ...Object.fromEntries(
    operators.map((op) => [`seccomp ${op}`, rule('SCMP_ACT_ERRNO', { args: [{ index: 1, value: 0o777, valueTwo: 0o777, op }] })]),
  ),
  'seccomp index 6': rule('SCMP_ACT_ERRNO', { args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] }),
  'seccomp one index twice': rule('SCMP_ACT_ERRNO', {
    args: [
      { index: 1, value: 1, op: 'SCMP_CMP_GE' },
      { index: 1, value: 3, op: 'SCMP_CMP_GE' },
    ],
  }),
  'seccomp value of 64 bits': rule('SCMP_ACT_ERRNO', {
    args: [{ index: 1, value: 18_446_744_073_709_551_615n, op: 'SCMP_CMP_LE' }],
  }),
  'seccomp architectures': filter({ architectures }),
  ...Object.fromEntries(
    architectures.map((one) => [
      `seccomp architecture ${one}`,
      filter({ architectures: [one], syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] }),
    ]),
  ),
  'seccomp unknown system call': rule('SCMP_ACT_ERRNO', {}, ['nosuchcall']),
  'seccomp no names': rule('SCMP_ACT_ERRNO', {}, []),
  'seccomp a system call twice': filter({
    syscalls: [
      { names: ['mkdir'], action: 'SCMP_ACT_ERRNO' },
      { names: ['mkdir'], action: 'SCMP_ACT_KILL' },
    ],
  }),
  'seccomp rule of the default action': filter({ syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ALLOW' }] }),
  'seccomp listener without NOTIFY': filter({ listenerPath: '/nosuch' }),
  'seccomp metadata without listener': filter({ listenerMetadata: 'x' }),
  'seccomp NOTIFY and nobody listens': (config, site) =>
    apply(
      filter({ listenerPath: site.path('nobody'), syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] }),
      config,
      site,
    ),
  'seccomp NOTIFY of write': (config, site) =>
    apply(
      filter({ listenerPath: site.path('nobody'), syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }] }),
      config,
      site,
    ),
  'seccomp and noNewPrivileges': (config, site) => {
    apply(rule('SCMP_ACT_ERRNO'), config, site);
    config.process.noNewPrivileges = true;
  },
};

const others: Changes = {
  ...Object.fromEntries(
    ['shared', 'slave', 'private', 'unbindable', 'rshared', 'rslave', 'rprivate', 'runbindable', '', 'none'].map((value) => [
      `rootfsPropagation "${value}"`,
      { 'linux.rootfsPropagation': value },
    ]),
  ),
  ...Object.fromEntries(
    ['LINUX', 'LINUX32', 'NO'].map((domain) => [`personality ${domain}`, { 'linux.personality': { domain } }]),
  ),
  'personality with flags': { 'linux.personality': { domain: 'LINUX', flags: ['ADDR_NO_RANDOMIZE'] } },
  'personality with empty flags': { 'linux.personality': { domain: 'LINUX32', flags: [] } },
  'mountLabel ""': { 'linux.mountLabel': '' },
  'mountLabel x': { 'linux.mountLabel': 'x' },
  'intelRdt {}': { 'linux.intelRdt': {} },
  'intelRdt closID': { 'linux.intelRdt': { closID: 'x' } },
  'memoryPolicy MPOL_BIND': { 'linux.memoryPolicy': { mode: 'MPOL_BIND', nodes: '0' } },
  'memoryPolicy MPOL_NO': { 'linux.memoryPolicy': { mode: 'MPOL_NO' } },
  'memoryPolicy without nodes': { 'linux.memoryPolicy': { mode: 'MPOL_BIND' } },
  'memoryPolicy default': { 'linux.memoryPolicy': { mode: 'MPOL_DEFAULT' } },
  'netDevices {}': { 'linux.netDevices': {} },
  'netDevices missing': { 'linux.netDevices': { nosuch0: {} } },
  'root readonly': { 'root.readonly': true },
  'root path absolute': (config, site) => (config.root.path = site.rootfs),
  'root path with ..': { 'root.path': '../bundle/rootfs' },
  'root path missing': { 'root.path': 'nosuch' },
  'root path ""': { 'root.path': '' },
  'root path of a file': (config, site) => {
    writeFileSync(join(site.bundle, 'file'), '');
    config.root.path = 'file';
  },
  'root path of a link': (config, site) => {
    symlinkSync('rootfs', join(site.bundle, 'link'));
    config.root.path = 'link';
  },
  'no root': { root: undefined },
  ...Object.fromEntries(
    ['1.0.0', '1.0.2-dev', '1.2.0', '1.3.0', '1.99.0', '2.0.0', '0.9.0', '', '1', 'x'].map((version) => [
      `ociVersion "${version}"`,
      { ociVersion: version },
    ]),
  ),
  'annotations {}': { annotations: {} },
  'annotations with an empty key': { annotations: { '': 'x' } },
  'an unknown field': { nosuch: 1 },
  'an unknown field of linux': { 'linux.nosuch': 1 },
  'sections of other systems': { windows: {}, solaris: {}, vm: {}, zos: {} },
};

const all = casesOf('linux', { ...devices, ...Object.fromEntries(both), ...mountBelow, ...sysctls, ...seccomp, ...others });
const inside = all.filter(({ name }) => /device|Paths|sysctl|Propagation|readonly|seccomp rule/.test(name));

export const linux: Table = [...all, ...inUserNamespace(inside)];
