import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/** Words that say nothing of the domain, as names of variables and parameters. */
const empty = '[name=/^(of|own|one|found|each)$/]';
const named = [
  `VariableDeclarator > Identifier.id${empty}`,
  `:function > Identifier.params${empty}`,
  `ObjectPattern > Property > Identifier.value${empty}`,
  `ArrayPattern > Identifier${empty}`,
  `AssignmentPattern > Identifier.left${empty}`,
  `RestElement > Identifier${empty}`,
].map((selector) => ({ selector, message: 'Name it with a noun of the domain.' }));

const spreadLiteral = {
  selector: 'ObjectExpression > SpreadElement > ObjectExpression',
  message: 'Write the properties where they belong: a literal that is spread only fits a line.',
};

/** Who hears of an end tells a wish from a fault by it. */
const bareAbort = {
  selector: [
    'CallExpression[callee.property.name="abort"]',
    ':not([arguments.0.callee.name="Stopped"])',
    ':not([arguments.0.type=/^(Member|Chain)Expression$/])',
  ].join(''),
  message: "Say why: a Stopped of domain/stop.ts, made here or kept, such as another signal's reason.",
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    extends: [rxjsX.configs.recommended],
    rules: {
      'rxjs-x/no-ignored-subscription': 'error',
      'rxjs-x/no-exposed-subjects': 'error',
      'rxjs-x/no-ignored-error': 'error',
      'rxjs-x/throw-error': 'error',
      'rxjs-x/finnish': [
        'error',
        { functions: false, methods: false, parameters: true, properties: true, variables: true },
      ],
      'rxjs-x/no-topromise': 'error',
      'no-restricted-syntax': ['error', ...named, spreadLiteral, bareAbort],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
