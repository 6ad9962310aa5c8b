// Commands on images, and commands that make images from containers.
import type { EngineCommand, EngineFlag } from '../command.js';
import { filterFlag, formatFlag, noTruncFlag, quietFlag } from './list-flags.js';
import { refusedByImages, refusedPlatform } from './refused-flags.js';

const force = (description: string): EngineFlag => ({ name: 'force', short: 'f', type: 'boolean', description });
const platform: EngineFlag = {
  name: 'platform',
  type: 'string',
  description: 'Choose a platform of a multi-platform image, e.g. linux/arm64',
};
const change: EngineFlag = {
  name: 'change',
  short: 'c',
  type: 'list',
  value: 'list',
  description: 'Apply Dockerfile instruction to the created image',
};
const message: EngineFlag = { name: 'message', short: 'm', type: 'string', description: 'Commit message' };
const allTags = (description: string): EngineFlag => ({ name: 'all-tags', short: 'a', type: 'boolean', description });
const contentTrust: EngineFlag = {
  name: 'disable-content-trust',
  type: 'boolean',
  description: 'Ignored: pocker has no content trust',
};
const humanFlag: EngineFlag = {
  name: 'human',
  short: 'H',
  type: 'boolean',
  description: 'Print sizes and dates in human-readable form (default true)',
};

const stored: readonly EngineCommand[] = [
  {
    name: 'image ls',
    aliases: ['images', 'image list'],
    summary: 'List images',
    usage: '[REPOSITORY[:TAG]]',
    min: 0,
    max: 1,
    flags: [
      { name: 'all', short: 'a', type: 'boolean', description: 'Show all images' },
      { name: 'digests', type: 'boolean', description: 'Show digests' },
      filterFlag(),
      formatFlag,
      noTruncFlag,
      quietFlag('Only show image IDs'),
      ...refusedByImages,
    ],
    load: () => import('../commands/image/ls.js'),
  },
  {
    name: 'image history',
    aliases: ['history'],
    summary: 'Show the history of an image',
    usage: 'IMAGE',
    min: 1,
    max: 1,
    flags: [formatFlag, humanFlag, noTruncFlag, quietFlag('Only show image IDs'), ...refusedPlatform],
    load: () => import('../commands/image/history.js'),
  },
  {
    name: 'image tag',
    aliases: ['tag'],
    summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    min: 2,
    max: 2,
    flags: [],
    load: () => import('../commands/image/tag.js'),
  },
  {
    name: 'image rm',
    aliases: ['rmi', 'image remove'],
    summary: 'Remove one or more images',
    usage: 'IMAGE [IMAGE...]',
    min: 1,
    max: Infinity,
    flags: [
      force('Force removal of the image'),
      { name: 'no-prune', type: 'boolean', description: 'Ignored: there are no untagged parents' },
      ...refusedPlatform,
    ],
    load: () => import('../commands/image/rm.js'),
  },
  {
    name: 'image prune',
    aliases: [],
    summary: 'Remove unused images',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      { name: 'all', short: 'a', type: 'boolean', description: 'Remove all unused images, not just dangling ones' },
      { name: 'filter', type: 'list', value: 'filter', description: "Provide filter values (e.g. 'until=24h')" },
      force('Do not prompt for confirmation'),
    ],
    load: () => import('../commands/image/prune.js'),
  },
];

const registries: readonly EngineCommand[] = [
  {
    name: 'image pull',
    aliases: ['pull'],
    summary: 'Download an image from a registry',
    usage: 'NAME[:TAG|@DIGEST]',
    min: 1,
    max: 1,
    flags: [
      platform,
      allTags('Download all tagged images in the repository'),
      contentTrust,
      quietFlag('Suppress verbose output'),
    ],
    load: () => import('../commands/image/pull.js'),
  },
  {
    name: 'image push',
    aliases: ['push'],
    summary: 'Upload an image to a registry',
    usage: 'NAME[:TAG]',
    min: 1,
    max: 1,
    flags: [
      allTags('Push all tags of an image to the repository'),
      contentTrust,
      quietFlag('Suppress verbose output'),
      ...refusedPlatform,
    ],
    load: () => import('../commands/image/push.js'),
  },
  {
    name: 'login',
    aliases: [],
    summary: 'Log in to a registry',
    usage: '[SERVER]',
    min: 0,
    max: 1,
    flags: [
      { name: 'username', short: 'u', type: 'string', description: 'Username' },
      { name: 'password', short: 'p', type: 'string', description: 'Password' },
      { name: 'password-stdin', type: 'boolean', description: 'Take the password from stdin' },
    ],
    load: () => import('../commands/login.js'),
  },
  {
    name: 'logout',
    aliases: [],
    summary: 'Log out from a registry',
    usage: '[SERVER]',
    min: 0,
    max: 1,
    flags: [],
    load: () => import('../commands/logout.js'),
  },
];

const archives: readonly EngineCommand[] = [
  {
    name: 'image save',
    aliases: ['save'],
    summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    usage: 'IMAGE [IMAGE...]',
    min: 1,
    max: Infinity,
    flags: [
      { name: 'output', short: 'o', type: 'string', description: 'Write to a file, instead of STDOUT' },
      ...refusedPlatform,
    ],
    load: () => import('../commands/image/save.js'),
  },
  {
    name: 'image load',
    aliases: ['load'],
    summary: 'Load an image from a tar archive or STDIN',
    usage: '',
    min: 0,
    max: 0,
    flags: [
      { name: 'input', short: 'i', type: 'string', description: 'Read from tar archive file, instead of STDIN' },
      quietFlag('Suppress the load output'),
      ...refusedPlatform,
    ],
    load: () => import('../commands/image/load.js'),
  },
  {
    name: 'image import',
    aliases: ['import'],
    summary: 'Import the contents from a tarball to create a filesystem image',
    usage: 'file|URL|- [REPOSITORY[:TAG]]',
    min: 1,
    max: 2,
    flags: [change, { ...message, description: 'Set commit message for imported image' }, platform],
    load: () => import('../commands/image/import.js'),
  },
];

const ofContainers: readonly EngineCommand[] = [
  {
    name: 'container commit',
    aliases: ['commit'],
    summary: "Create a new image from a container's changes",
    usage: 'CONTAINER [REPOSITORY[:TAG]]',
    min: 1,
    max: 2,
    flags: [
      { name: 'author', short: 'a', type: 'string', description: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
      change,
      message,
      { name: 'pause', short: 'p', type: 'boolean', description: 'Pause container during commit (default true)' },
    ],
    load: () => import('../commands/container/commit.js'),
  },
  {
    name: 'container diff',
    aliases: ['diff'],
    summary: "Inspect changes to files or directories on a container's filesystem",
    usage: 'CONTAINER',
    min: 1,
    max: 1,
    flags: [],
    load: () => import('../commands/container/diff.js'),
  },
  {
    name: 'container export',
    aliases: ['export'],
    summary: "Export a container's filesystem as a tar archive",
    usage: 'CONTAINER',
    min: 1,
    max: 1,
    flags: [{ name: 'output', short: 'o', type: 'string', description: 'Write to a file, instead of STDOUT' }],
    load: () => import('../commands/container/export.js'),
  },
  {
    name: 'container cp',
    aliases: ['cp'],
    summary: 'Copy files/folders between a container and the local filesystem',
    usage: 'CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH',
    min: 2,
    max: 2,
    flags: [
      { name: 'archive', short: 'a', type: 'boolean', description: 'Archive mode (copy all uid/gid information)' },
      { name: 'follow-link', short: 'L', type: 'boolean', description: 'Always follow symbol link in SRC_PATH' },
      quietFlag('Suppress progress output during copy'),
    ],
    load: () => import('../commands/container/cp.js'),
  },
];

export const imageCommands: readonly EngineCommand[] = [...stored, ...registries, ...archives, ...ofContainers];
