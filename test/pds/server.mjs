// A real PDS with a directory in memory and one account, on loopback only. Prints one line of JSON when it is
// ready, and ends with its standard input.
import net from 'node:net';
import { TestPds, TestPlc } from '@atproto/dev-env';

// The packages listen on every interface and have no setting for it.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return typeof port === 'number' || typeof port === 'string' ? listen.call(this, { port: Number(port), host: '127.0.0.1' }, ...rest.filter((a) => typeof a === 'function')) : listen.call(this, port, ...rest);
};

const plc = await TestPlc.create({});
const pds = await TestPds.create({ didPlcUrl: plc.url, inviteRequired: false });
const api = pds.getClient();
const account = { handle: 'brand.test', email: 'brand@example.com', password: 'the-account-own-password' };
const { data } = await api.api.com.atproto.server.createAccount(account);
const auth = { headers: { authorization: `Bearer ${data.accessJwt}` } };
const app = await api.api.com.atproto.server.createAppPassword({ name: 'vitrine' }, { ...auth, encoding: 'application/json' });
console.log(JSON.stringify({ url: `http://127.0.0.1:${pds.port}`, did: data.did, handle: account.handle, password: app.data.password }));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
