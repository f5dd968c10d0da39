// Types of the API from openapi.json, which the server's binary prints; made here when it is not there yet.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (p) => fileURLToPath(new URL('../' + p, import.meta.url));
if (!existsSync(at('openapi.json'))) {
  writeFileSync(
    at('openapi.json'),
    execFileSync('go', ['run', './cmd/vitrine', 'openapi'], { cwd: at('../..'), maxBuffer: 1 << 26 }),
  );
}
execFileSync(
  process.execPath,
  [at('node_modules/openapi-typescript/bin/cli.js'), at('openapi.json'), '-o', at('src/api/schema.d.ts')],
  { stdio: 'inherit' },
);
