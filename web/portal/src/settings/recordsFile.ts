import type { Schemas } from '../api/client';

/** What a file of licences or consents holds; errors of rows are the server's. */
export type RecordsFile =
  { kind: 'licences'; rows: Schemas['LicenceRow'][] } | { kind: 'consents'; rows: Schemas['ConsentRow'][] };

/** A file that can't be read: it has a column that isn't known, or lacks one; without a name, a quotation mark is open. */
export class BadFile extends Error {
  constructor(readonly column?: string) {
    super(column);
  }
}

type Row = { line: number; cells: string[] };

/** Reads CSV whose separator is a comma, a semicolon or a tab, whichever its first line has most of. */
export function parseCSV(text: string): Row[] {
  text = text.replace(/^\ufeff/, '');
  const first = text.split('\n', 1)[0] ?? '';
  const count = (s: string) => first.split(s).length;
  const separator = [',', ';', '\t'].reduce((best, s) => (count(s) > count(best) ? s : best));
  const rows: Row[] = [];
  let [cell, quoted, line] = ['', false, 1];
  let row: Row = { line, cells: [] };
  const endRow = () => {
    row.cells.push(cell);
    if (row.cells.some((c) => c.trim())) rows.push(row);
    cell = '';
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\n') line++;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === separator) {
      row.cells.push(cell);
      cell = '';
    } else if (c === '\n') {
      endRow();
      row = { line, cells: [] };
    } else if (c !== '\r') cell += c;
  }
  if (quoted) throw new BadFile();
  endRow();
  return rows;
}

const words = (s: string) => s.split(/\s+/).filter(Boolean);
const common = ['number', 'from', 'until', 'territories', 'media', 'channels', 'note', 'asset', 'file_name', 'sku'];
const columns = {
  licences: [...common, 'sha256', 'licensor', 'exclusive', 'cost', 'currency', 'contract'],
  consents: [...common, 'sha256', 'person', 'scope', 'release'],
};

/** Reads a file of licences, or of consents: the one with a column "person". An empty cell changes nothing. */
export function recordsOf(text: string): RecordsFile {
  const [head, ...lines] = parseCSV(text);
  const names = (head?.cells ?? []).map((c) => c.trim().toLowerCase());
  const kind = names.includes('person') ? 'consents' : 'licences';
  const unknown = names.find((n) => !columns[kind].includes(n));
  if (unknown !== undefined || (kind === 'licences' && !names.includes('licensor')))
    throw new BadFile(unknown ?? names.join(', '));
  const read = (row: Row) => {
    const at = (name: string) => row.cells[names.indexOf(name)]?.trim() || undefined;
    const list = (name: string) => {
      const v = at(name);
      return v === undefined ? undefined : words(v);
    };
    const edit = {
      number: at('number'),
      note: at('note'),
      terms: {
        from: at('from'),
        until: at('until'),
        territories: list('territories'),
        media: list('media'),
        channels: list('channels'),
      },
    };
    const asset = { id: at('asset'), file_name: at('file_name'), sku: at('sku'), sha256: at('sha256') };
    return { at, edit, line: row.line, asset };
  };
  if (kind === 'consents')
    return {
      kind,
      rows: lines.map(read).map(({ at, edit, line, asset }) => ({
        line,
        asset,
        consent: { ...edit, person: at('person'), scope: at('scope'), release: at('release') },
      })),
    };
  return {
    kind,
    rows: lines.map(read).map(({ at, edit, line, asset }) => {
      const [amount, yes] = [at('cost'), at('exclusive')];
      return {
        line,
        asset,
        licence: {
          ...edit,
          licensor: at('licensor'),
          file: at('contract'),
          exclusive: yes === undefined ? undefined : ['yes', 'true', '1', 'oui'].includes(yes.toLowerCase()),
          cost: amount === undefined ? undefined : { amount, currency: at('currency') ?? '' },
        },
      };
    }),
  };
}
