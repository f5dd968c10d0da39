// Types of the API from openapi.json, which the server's binary prints. It is printed anew wherever there is Go: an old
// one would check the portal against an API that is gone.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (p) => fileURLToPath(new URL('../' + p, import.meta.url));
if (spawnSync('go', ['version']).status === 0) {
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
