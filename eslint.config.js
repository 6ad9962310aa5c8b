// The project rules that a tool can enforce (see CONTRIBUTING.md).
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The folders of src/, from the top down: each may import from those below it and, on the same line, from none. */
const floors = [
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

const layers = floors.flatMap((floor, index) =>
  floor.map((folder) => ({
    folder,
    // plan/cgroup belongs to plan.
    not: [...floors.slice(0, index).flat(), ...floor.filter((other) => other !== folder), 'host/node'].filter(
      (name) => folder !== 'plan' || name !== 'cgroup',
    ),
  })),
);
const layerRules = layers.map(({ folder, not }) => ({
  files: [`src/${folder}/**/*.ts`],
  ignores: ['src/**/*.test.ts', 'src/**/fixtures.ts', 'src/host/node.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: not.map((name) => `**/${name}/**`),
            message: 'Imports run one way: see `floors` in eslint.config.js.',
          },
          { group: ['node:*'], message: 'The standalone host has no Node: use the Host.' },
        ],
      },
    ],
  },
}));

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
);
