// The project rules that a tool can enforce (see CONTRIBUTING.md).
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The folders of src/, from the top down: each may import from those below it and, on the same line, from none. */
const floors = [
  ['engine'],
  ['cli', 'server'],
  ['doctor'],
  ['runtime'],
  ['criu', 'init', 'seccomp'],
  ['cgroup'],
  ['container'],
  ['bundle', 'plan'],
  ['spec'],
  ['json'],
];

/** The same inside src/engine. Its own files are below all of its folders, except for main.ts, which is above them. */
const engineFloors = [['cli'], ['containers'], ['images', 'networks', 'volumes'], ['layers'], ['records'], ['flags', 'store']];
/** Inside its largest folders. Files next to these folders are above them in containers/, and below them in cli/. */
const roomFloors = {
  containers: [['starting'], ['ending'], ['bundle'], ['options']],
  cli: [['table'], ['commands'], ['listing'], ['format']],
};
/** Inside src/plan; its own files are above its folders or, like draft.ts, below them. */
const planFloors = [['print'], ['planners'], ['cgroup', 'seccomp'], ['tables']];

const layers = floors.flatMap((floor, index) =>
  floor.map((folder) => ({
    folder,
    // plan/cgroup belongs to plan.
    not: [...floors.slice(0, index).flat(), ...floor.filter((other) => other !== folder), 'host/node'].filter(
      (name) => folder !== 'plan' || name !== 'cgroup',
    ),
  })),
);
const oneWay = 'Imports run one way: see `floors` in eslint.config.js.';
const always = [{ group: ['node:*'], message: 'The standalone host has no Node: use the Host.' }];
const rule = (files, patterns) => ({
  files,
  ignores: ['src/**/*.test.ts', 'src/**/fixtures.ts', 'src/host/node.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns: [...patterns, ...always] }] },
});
const layerPatterns = ({ not }) => [{ group: not.map((name) => `**/${name}/**`), message: oneWay }];
const layerRules = layers.map((layer) => rule([`src/${layer.folder}/**/*.ts`], layerPatterns(layer)));

const isAbove = (all, folder) => {
  const index = all.findIndex((floor) => floor.includes(folder));
  return [...all.slice(0, index).flat(), ...all[index].filter((other) => other !== folder)];
};
/** Imports of these folders, from a file that many folders further down. */
const ofFolders = (up, folders) =>
  folders.length === 0 ? [] : [{ regex: `^${'\\.\\./'.repeat(up)}(?:${folders.join('|')})/`, message: oneWay }];
const depths = [1, 2, 3];
const planLayer = layers.find(({ folder }) => folder === 'plan');
const planRules = planFloors
  .flat()
  .flatMap((folder) =>
    depths.map((up) =>
      rule(
        [`src/plan/${folder}${'/*'.repeat(up)}.ts`],
        [...layerPatterns(planLayer), ...ofFolders(up, isAbove(planFloors, folder))],
      ),
    ),
  );
const engineRules = engineFloors.flat().flatMap((folder) => {
  const inside = `src/engine/${folder}`;
  const above = isAbove(engineFloors, folder);
  const rooms = roomFloors[folder] ?? [];
  return [
    ...depths.map((up) => rule([`${inside}${'/*'.repeat(up)}.ts`], ofFolders(up, above))),
    ...rooms
      .flat()
      .flatMap((room) =>
        depths.map((up) =>
          rule(
            [`${inside}/${room}${'/*'.repeat(up)}.ts`],
            [
              ...ofFolders(up + 1, above),
              ...ofFolders(up, isAbove(rooms, room)),
              ...(folder === 'containers' ? [{ regex: `^${'\\.\\./'.repeat(up)}[^./]+\\.js$`, message: oneWay }] : []),
            ],
          ),
        ),
      ),
  ];
});
const engineGround = {
  ...rule(
    ['src/engine/*.ts'],
    [
      {
        regex: `^\\./(?:${engineFloors
          .flat()
          .filter((folder) => folder !== 'store')
          .join('|')})/`,
        message: oneWay,
      },
    ],
  ),
  ignores: ['src/engine/main.ts'],
};

/** Where hints are, as parents in esquery, with the argument's number for calls. */
const hintPlaces = [
  "Property[key.name='hint'] > ",
  "Property[key.name='hint'] > * > ",
  'VariableDeclarator[id.name=/[hH]int$/] > ',
];
const hintOf = (call, place) => `CallExpression[callee.name=/^(${call})$/] > .arguments:nth-child(${place})`;
const capital = (...calls) => ({
  'no-restricted-syntax': [
    'error',
    ...[...hintPlaces, ...calls].flatMap((place) =>
      ['[type="Literal"][value=/^[a-z]/]', '[type="TemplateLiteral"][quasis.0.value.raw=/^[a-z]/]'].map((text) => ({
        selector: `${place}${text}`,
        message: 'A hint starts with a capital letter and says what to do.',
      })),
    ),
  ],
});

export default defineConfig(
  { ignores: ['node_modules/', 'build/', 'dist/', 'src/generated/', '.tap/'] },
  {
    files: ['src/**/*.ts', 'conformance/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 50],
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      complexity: ['error', 20],
      eqeqeq: 'error',
      // Numbers in template literals are unambiguous.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // tsconfig's noPropertyAccessFromIndexSignature requires `environment['PATH']`.
      '@typescript-eslint/dot-notation': 'off',
      // An index that is known to exist, as in a loop, is written with "!".
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/**/*.test.ts', 'src/entry.*.ts', 'src/host/node.ts', 'src/api/**', 'src/sandbox/**'],
    rules: { 'no-restricted-globals': ['error', 'process', 'console', 'Buffer', 'require', 'setTimeout'] },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/**/*.test.ts'],
    rules: capital(hintOf('engineError', 2), hintOf('refuse|unsupported', 3)),
  },
  { files: ['src/cli/**/*.ts'], ignores: ['src/**/*.test.ts'], rules: capital(hintOf('usageError', 2)) },
  // tap itself waits for its subtests.
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      complexity: 'off',
    },
  },
  ...layerRules,
  ...planRules,
  ...engineRules,
  engineGround,
);
