// Drives the portal of a running server in Chromium:
//   VITRINE_URL=http://127.0.0.1:8080 VITRINE_EMAIL=… VITRINE_PASSWORD=… node test/portal/run.mjs [part of a flow's name]…
// Needs the packages of web/portal (npm ci there).
import { finish } from './harness.mjs';
import signIn from './flows/sign-in.mjs';
import uploads from './flows/uploads.mjs';
import library from './flows/library.mjs';
import search from './flows/search.mjs';
import finder from './flows/finder.mjs';
import asset from './flows/asset.mjs';
import similar from './flows/similar.mjs';
import admin from './flows/admin.mjs';
import products from './flows/products.mjs';
import crops from './flows/crops.mjs';
import presets from './flows/presets.mjs';
import publishing from './flows/publishing.mjs';
import films from './flows/films.mjs';
import signage from './flows/signage.mjs';
import access from './flows/access.mjs';
import readme from './flows/readme.mjs';
import libraries from './flows/libraries.mjs';

for (const part of [signIn, uploads, library, search, finder, asset, similar, admin, products, crops, presets, publishing, films, signage, access, readme, libraries]) await part();
await finish();
