/** The language of queries as docs/search.md tells it. */
export interface Guide {
  /** Lines of its code blocks: a query and what it means. */
  examples: { heading: string; rows: [query: string, meaning: string][] }[];
  /** Rows of its table of fields. */
  fields: { names: string[]; examples: string[]; finds: string }[];
}

const split = (line: string): [string, string] => {
  const at = /\s{2,}/.exec(line);
  return at ? [line.slice(0, at.index), line.slice(at.index).trim()] : [line, ''];
};

/** Reads the guide out of the documentation's Markdown, so that both always say the same. */
export function guide(markdown: string): Guide {
  const out: Guide = { examples: [], fields: [] };
  let heading = '',
    inside = false,
    table = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) heading = line.slice(3);
    else if (line.startsWith('```')) {
      inside = line === '```query';
      if (inside) out.examples.push({ heading, rows: [] });
    } else if (inside && line.trim()) out.examples.at(-1)?.rows.push(split(line));
    else if (line.startsWith('<!--')) table = line === '<!-- fields -->';
    else if (table && line.startsWith('| `')) {
      const [names = '', examples = '', finds = ''] = line
        .slice(1, -1)
        .split('|')
        .map((s) => s.trim());
      const code = (s: string) => [...s.matchAll(/`([^`]+)`/g)].map((x) => x[1] ?? '');
      out.fields.push({ names: code(names), examples: code(examples), finds: finds.replaceAll('`', '') });
    }
  }
  return out;
}

/** A line in another language; as it is where nobody has translated it. */
export const translated = (line: string, words: Record<string, string>) =>
  line
    .split(' · ')
    .map((part) => words[part] ?? part)
    .join(' · ');
