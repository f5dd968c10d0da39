import createClient, { type Middleware } from 'openapi-fetch';
import { isRecord } from './guard';
import { scope } from './scope';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Asset = Schemas['Asset'];
export type Version = Schemas['Version'];
export type Text = Record<string, string>;
export type Collection = Schemas['Collection'];
export type Role = Schemas['Identity']['role'];

/** What the server says when it refuses (RFC 9457), with Vitrine's own members. */
export type Problem = Partial<Schemas['Problem']>;

/** A request that did not do what was asked. `code` is the server's, or `offline` when it could not be reached. */
export class Failure extends Error {
  constructor(
    readonly problem: Problem,
    readonly request = '',
    readonly retryAfter = 0,
  ) {
    super(problem.detail || problem.title || String(problem.status ?? ''));
  }
  /** What was thrown, as a failure: what is not one yet has its text as the detail. */
  static of(thrown: unknown): Failure {
    return thrown instanceof Failure ? thrown : new Failure({ detail: String(thrown) });
  }
  get code(): string {
    return this.problem.code ?? '';
  }
  get status(): number {
    return this.problem.status ?? 0;
  }
}

/** A random key; crypto.randomUUID is missing on plain http, where a portal in a local network may live. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

// A write that is sent again, by us or by the browser, must not happen twice.
const idempotent: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && !request.headers.has('Idempotency-Key'))
      request.headers.set('Idempotency-Key', randomKey());
    return request;
  },
};

// Signing in leads home: whoever isn't in the library of the address is let in all the same.
const scoped: Middleware = {
  onRequest({ request, schemaPath }) {
    if (schemaPath !== '/api/login')
      for (const [name, value] of Object.entries(scope.headers()))
        if (!request.headers.has(name)) request.headers.set(name, value);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: '/' });
api.use(idempotent, scoped);

let signedOut = () => {};
/** Called once a request is answered with 401 outside of the sign-in itself. */
export function onSignedOut(f: () => void): void {
  signedOut = f;
}

const isProblem = (v: unknown): v is Problem => isRecord(v);
export function failureOf(problem: unknown, response: Response): Failure {
  const p = isProblem(problem) ? problem : { title: response.statusText };
  return new Failure(
    { ...p, status: p.status ?? response.status },
    response.headers.get('X-Request-Id') ?? p.instance ?? '',
    Number(response.headers.get('Retry-After') ?? 0),
  );
}

/** What openapi-fetch answers: the data of a success, or the body of anything else. */
export type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** Unwraps an answer: its data, or a Failure thrown. */
export async function take<T>(call: Answer<T>): Promise<T> {
  return (await takeWith(call)).data;
}

/** Like take, with the seq the write got in the event log ("" when none), to wait for in a search. */
export async function takeWith<T>(call: Answer<T>): Promise<{ data: T; seq: string }> {
  let answer: Awaited<Answer<T>>;
  try {
    answer = await call;
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e;
    throw new Failure({ code: 'offline', detail: String(e) });
  }
  if (!answer.response.ok) {
    const failure = failureOf(answer.error, answer.response);
    if (failure.status === 401) signedOut();
    throw failure;
  }
  // openapi-fetch has no data for failures only, and those are gone.
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions
  const data = answer.data as T;
  return { data, seq: answer.response.headers.get('X-Vitrine-Seq') ?? '' };
}

/** Reads an asset anew. */
export const readAsset = async (id: string) => await take(api.GET('/api/assets/{id}', { params: { path: { id } } }));

/** The header of an edit that must not overwrite somebody else's. */
export const ifMatch = (a: { revision: number }) => ({ 'If-Match': `"${a.revision}"` });

/** The address of an asset's picture for who is signed in; of its newest version, unless the query says which. */
export const picture = (asset: string, preset: string, query = '') =>
  scope.within(`/api/assets/${asset}/preview/${preset}${query && '?' + query}`);

/** The picture of an asset's version as the signed-in person may see it. */
export function previewURL(a: Asset, preset: string, version = a.latest.id): string {
  // The revision is in the address because a moved focal point makes other pixels.
  const v = a.latest.id === version ? `&f=${a.focal ? `${a.focal.x},${a.focal.y}` : ''}` : '';
  return picture(a.id, preset, `version=${version}${v}`);
}
