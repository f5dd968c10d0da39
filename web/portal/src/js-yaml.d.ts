declare module 'js-yaml' {
  export function load(text: string): unknown;
  export function dump(value: unknown, options?: { flowLevel?: number; lineWidth?: number; noRefs?: boolean }): string;
  export class YAMLException extends Error {
    reason: string;
    mark?: { line: number; column: number };
  }
}
