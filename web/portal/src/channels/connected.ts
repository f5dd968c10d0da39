import { isRecord } from '../api/guard';
import type { Problem } from '../api/client';

const cookie = 'vitrine_connect_failure';

/**
 * Why the account's own service did not connect, from the cookie that the server left for this one reading. A cookie
 * and not the address, because a link could put any words into that.
 */
export function connectFailure(): Problem | undefined {
  const value = document.cookie
    .split('; ')
    .find((c) => c.startsWith(cookie + '='))
    ?.slice(cookie.length + 1);
  document.cookie = `${cookie}=; path=/channels; max-age=0`;
  return value ? readFailure(value) : undefined;
}

/** The problem in a cookie's value: JSON in UTF-8 in base64url. */
export function readFailure(value: string): Problem | undefined {
  try {
    const bytes = Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(read) ? read : undefined;
  } catch {
    return undefined;
  }
}
