// The rules of this house that a machine can hold (CONTRIBUTING.md tells why).
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What a folder of src/ may import besides itself: cli → lifecycle → {bundle, spec, host, plan, state}; bundle → spec → json. */
const layers = [
  { folder: 'json', not: ['bundle', 'cli', 'host', 'lifecycle', 'plan', 'spec', 'state'] },
  { folder: 'spec', not: ['bundle', 'cli', 'host/node', 'host/facts', 'lifecycle', 'state'] },
  { folder: 'plan', not: ['bundle', 'cli', 'host/node', 'host/facts', 'lifecycle', 'state'] },
  { folder: 'bundle', not: ['cli', 'lifecycle', 'plan', 'state'] },
  { folder: 'state', not: ['cli', 'lifecycle', 'bundle', 'spec'] },
  { folder: 'host', not: ['cli', 'lifecycle', 'bundle', 'spec', 'state'] },
  { folder: 'lifecycle', not: ['cli'] },
];

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
            message: 'Imports run one way: cli → lifecycle → {bundle, spec, host, plan, state}.',
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
      // Template literals of numbers are what they look like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `environment['PATH']` keeps to what tsconfig's noPropertyAccessFromIndexSignature wants.
      '@typescript-eslint/dot-notation': 'off',
      // An index that is known to be there, as in a loop over it, is written with "!".
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
    ignores: ['src/**/*.test.ts', 'src/entry.*.ts', 'src/host/node.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'console', 'Buffer', 'require', 'setTimeout'] },
  },
  // tap waits for its subtests itself.
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
