// A channel of the flows' own: a plug-in with strict limits that counts what it accepts and can be told to misbehave.
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';

const key = Buffer.from('the boards of the portal flows...');

export async function board({ max = 60, media = { single: true } } = {}) {
  const posts = new Map(), files = new Set();
  const b = { posts, files, secret: 'whsec_' + key.toString('base64'), refuse: '', broken: 0, recalled: 0 };
  const steps = {
    describe: () => ({ idempotency: 'durable', recall: true, caption_unit: 'runes', caption_max: max, media, limits: { text: `${max} characters` } }),
    verify: () => ({ id: 'board', name: 'Flow board' }),
    prepare: ({ intent }) => ({ state: {}, need: intent.content.media.map((x) => x.sha256).filter((h) => !files.has(h)) }),
    commit: ({ intent }) => {
      if (b.refuse) return [422, { error: 'permanent', message: b.refuse, remedy: 'ask the board' }];
      posts.set(intent.id, intent.content);
      return { remote: 'post-' + intent.id, url: `https://board.example/${intent.id}` };
    },
    lookup: ({ intent }) => (posts.has(intent.id) ? { verdict: 'delivered', remote: 'post-' + intent.id } : { verdict: 'absent' }),
    status: ({ intent }) => (posts.has(intent.id) ? { verdict: 'delivered', remote: 'post-' + intent.id } : { verdict: 'absent' }),
    recall: ({ intent }) => {
      b.recalled++;
      posts.delete(intent.id);
      return { answer: 'taken off the board' };
    },
  };
  const server = createServer((req, res) => {
    const parts = [];
    req.on('data', (c) => parts.push(c));
    req.on('end', () => {
      const body = Buffer.concat(parts);
      const want = createHmac('sha256', key).update(`${req.headers['webhook-id']}.${req.headers['webhook-timestamp']}.`).update(body).digest('base64');
      const [, step, hash] = req.url.split('/');
      let status = 200, said = {};
      if (!String(req.headers['webhook-signature']).split(' ').includes('v1,' + want)) [status, said] = [401, { error: 'disconnected', message: 'the signature is wrong' }];
      else if (b.broken) [status, said] = [b.broken, b.broken === 401 ? { error: 'disconnected', message: 'the account was revoked' } : {}];
      else if (step === 'media') files.add(createHash('sha256').update(body).digest('hex') === hash && hash);
      else {
        const answer = steps[step](JSON.parse(body));
        [status, said] = Array.isArray(answer) ? answer : [200, answer];
      }
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  b.url = `http://127.0.0.1:${server.address().port}`;
  b.close = () => server.close();
  /** Adds it to the library as a channel. */
  b.add = (v, name) => v.api('POST', '/api/channels', { name, kind: 'plugin', config: { url: b.url, secret: b.secret }, rule: { query: '', presets: [], enabled: false } });
  return b;
}
