// Proves that the portal follows the API: renames a member of a schema in openapi.json, as a rename in Go would, and
// expects `npm run check` to fail.
//   node scripts/renamed.mjs Asset.latest Publication.first_comment
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
const whole = readFileSync(file, 'utf8');
let unnoticed = 0;
try {
  for (const name of process.argv.slice(2)) {
    const [schema, member] = name.split('.');
    const api = JSON.parse(whole);
    const { properties, required } = api.components.schemas[schema];
    if (!(member in properties)) throw new Error(`${schema} has no ${member}`);
    properties[`${member}_renamed`] = properties[member];
    delete properties[member];
    if (required?.includes(member)) required[required.indexOf(member)] = `${member}_renamed`;
    writeFileSync(file, JSON.stringify(api));
    const check = spawnSync('npm', ['run', 'check'], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
    });
    const found = /found (\d+) errors?/.exec(check.stdout)?.[1] ?? '0';
    console.log(`${check.status ? 'ok     ' : 'MISSED '} ${name}: ${found} errors`);
    if (!check.status) unnoticed++;
  }
} finally {
  rmSync(file); // made anew by the next check
}
process.exit(unnoticed ? 1 : 0);
