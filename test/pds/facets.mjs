// Reads texts as lines of JSON, and writes for each the facets that Bluesky's own library finds, in their order.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { detectFacets } = require('./node_modules/@atproto/api/dist/rich-text/detection.js');
const { UnicodeString } = require('./node_modules/@atproto/api/dist/rich-text/unicode.js');

process.stdin.setEncoding('utf8');
let input = '';
for await (const part of process.stdin) input += part;
const out = [];
for (const line of input.trimEnd().split('\n')) {
  const facets = (detectFacets(new UnicodeString(JSON.parse(line))) ?? []).map(({ index, features: [f] }) => ({
    start: index.byteStart,
    end: index.byteEnd,
    value: f.uri ?? f.tag ?? f.did,
  }));
  out.push(JSON.stringify(facets.sort((a, b) => a.start - b.start)));
}
process.stdout.write(out.join('\n') + '\n');
