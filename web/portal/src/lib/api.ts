import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Asset = Schemas['Asset'];
export type Version = Schemas['Version'];
export type Text = Record<string, string>;
export type Collection = Schemas['Collection'];
export type Role = 'viewer' | 'contributor' | 'editor' | 'publisher' | 'admin';

/** What the server says when it refuses (RFC 9457), with Vitrine's own members. */
export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  instance?: string;
  code?: string;
  remedy?: string;
  errors?: { location?: string; message?: string; offset?: number; length?: number }[];
  quarantine?: string;
  duplicate?: { asset: string; choices?: string[] };
}

/** A request that did not do what was asked. `code` is the server's, or `offline` when it could not be reached. */
export class Failure extends Error {
  constructor(
    readonly problem: Problem,
    readonly request = '',
    readonly retryAfter = 0,
  ) {
    super(problem.detail || problem.title || String(problem.status ?? ''));
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
    if (request.method !== 'GET' && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', randomKey());
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: '/' });
api.use(idempotent);

let signedOut = () => {};
/** Called once a request is answered with 401 outside of the sign-in itself. */
export function onSignedOut(f: () => void): void {
  signedOut = f;
}

export function failureOf(problem: unknown, response: Response): Failure {
  const p = problem && typeof problem === 'object' ? (problem as Problem) : { title: response.statusText };
  return new Failure({ ...p, status: p.status ?? response.status }, response.headers.get('X-Request-Id') ?? p.instance ?? '', Number(response.headers.get('Retry-After') ?? 0));
}

/** Unwraps an answer: its data, or a Failure thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  return (await takeWith(call)).data;
}

/** Like take, with the seq the write got in the event log ("" when none), to wait for in a search. */
export async function takeWith<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<{ data: T; seq: string }> {
  let answer: { data?: T; error?: unknown; response: Response };
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
  return { data: answer.data as T, seq: answer.response.headers.get('X-Vitrine-Seq') ?? '' };
}

/** Reads an asset anew. */
export const readAsset = async (id: string) => (await take(api.GET('/api/assets/{id}', { params: { path: { id } } }))) as Asset;

/** The header of an edit that must not overwrite somebody else's. */
export const ifMatch = (a: { revision: number }) => ({ 'If-Match': `"${a.revision}"` });

/** The picture of an asset's version as the signed-in person may see it. */
export function previewURL(a: Asset, preset: string, version = a.latest.id): string {
  // The revision is in the address because a moved focal point makes other pixels.
  const v = a.latest.id === version ? `&f=${a.focal ? `${a.focal.x},${a.focal.y}` : ''}` : '';
  return `/api/assets/${a.id}/preview/${preset}?version=${version}${v}`;
}
