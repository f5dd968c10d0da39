// What the portal's code may not do. Its types are made from the server's API: code that casts them away would go on
// compiling after a field was renamed.
import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

export default defineConfig(
  { ignores: ['dist', 'src/api/generated', 'src/i18n/paraglide', 'src/api/schema.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  svelte.configs.base,
  {
    files: ['src/**/*.ts', 'src/**/*.svelte'],
    plugins: { '@typescript-eslint': ts.plugin },
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // `as const` is no assertion. Any other says on the line before it why it holds.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
    },
  },
  { files: ['src/**/*.ts'], languageOptions: { parser: ts.parser } },
);
