// Uploads FILE to the server at URL with the stock tus client.
// usage: VITRINE_TOKEN=… node upload.mjs URL FILE; prints the asset's id.
import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const require = createRequire(new URL('../../../web/portal/package.json', import.meta.url));
const { Upload } = require('tus-js-client');
const [url, file] = process.argv.slice(2);
const upload = new Upload(createReadStream(file), {
  endpoint: `${url}/api/uploads/`,
  headers: { Authorization: `Bearer ${process.env.VITRINE_TOKEN}` },
  metadata: { filename: basename(file) },
  uploadSize: statSync(file).size,
  chunkSize: 100_000,
  onAfterResponse: (_, res) => {
    const asset = res.getHeader('Vitrine-Asset');
    if (asset) console.log(asset);
  },
  onError: (e) => {
    console.error(e);
    process.exitCode = 1;
  },
});
upload.start();
