import t from 'tap';
import { installedPath, section, settings, settingsFor } from './settings.js';

const text = `# Title

## One

In \`/etc/one.json\`:

\`\`\`json
{ "path": "/usr/local/bin/pocker-runc" }
\`\`\`

And in \`/etc/other\`:

\`\`\`
other
\`\`\`

## Two

Nothing.
`;

t.test('the block after the line that names the file', (t) => {
  t.equal(settings('One', '/etc/one.json', text), '{ "path": "/usr/local/bin/pocker-runc" }\n');
  t.equal(settings('One', '/etc/other', text), 'other\n');
  t.end();
});

t.test('a missing one is an error', (t) => {
  t.throws(() => settings('One', '/etc/none', text), /no settings for \/etc\/none/);
  t.throws(() => settings('Two', '/etc/one.json', text), /no settings/);
  t.throws(() => section('Three', text), /no section "Three"/);
  t.end();
});

t.test('the settings of the document that the scripts use', (t) => {
  const used: [title: string, file: string][] = [
    ['Docker', '/etc/docker/daemon.json'],
    ['containerd 2.x', '/etc/containerd/config.toml'],
    ['BuildKit', '/etc/buildkit/buildkitd.toml'],
    ['Podman', '/etc/containers/containers.conf'],
  ];
  for (const [title, file] of used) {
    t.match(settings(title, file), installedPath);
    t.notMatch(settingsFor('/elsewhere', title, file), installedPath);
    t.match(settingsFor('/elsewhere', title, file), '/elsewhere');
  }
  t.end();
});
