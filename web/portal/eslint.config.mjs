// What the portal's code may not do. Its types are made from the server's API: code that casts them away would go on
// compiling after a field was renamed.
import { dirname, relative, resolve } from 'node:path';
import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

const src = resolve(import.meta.dirname, 'src');
const shared = ['i18n', 'api', 'ui'];
/**
 * The folders of src, and which others each may import: words below the API, the API below what screens share, features
 * above them, the app on top.
 */
const folders = {
  i18n: [],
  api: ['i18n'],
  ui: ['i18n', 'api'],
  calendar: shared,
  presets: shared,
  products: shared,
  review: shared,
  settings: shared,
  uploads: shared,
  channels: [...shared, 'calendar'],
  system: [...shared, 'calendar'],
  asset: [...shared, 'calendar', 'presets', 'uploads'],
  library: [...shared, 'asset', 'uploads'],
};
folders.app = Object.keys(folders);

const direction = {
  create(context) {
    const folder = (file) => relative(src, file).split(/[\\/]/)[0];
    const own = folder(context.filename);
    const allowed = folders[own];
    const check = (node) => {
      const from = node.source?.value;
      if (typeof from !== 'string' || !from.startsWith('.')) return;
      const other = folder(resolve(dirname(context.filename), from));
      if (other === '..' || other === own || allowed?.includes(other)) return;
      context.report({
        node: node.source,
        message: allowed
          ? `${own} may not import ${other}: see eslint.config.mjs`
          : `${own} is no folder that eslint.config.mjs knows`,
      });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

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
  {
    files: ['src/*/**/*.ts', 'src/*/**/*.svelte'],
    plugins: { portal: { rules: { direction } } },
    rules: { 'portal/direction': 'error' },
  },
);
