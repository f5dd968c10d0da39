// Writes the tables that the channel counts by, from the packages of the independent reader: the top-level domains of
// twitter-text, and the emoji of several characters of twemoji-parser.
//   node test/twitter-text/tables.mjs publishers/social/x
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { default: twitter } = await import('twitter-text');
const parser = createRequire(require.resolve('twitter-text'));
const emoji = parser('twemoji-parser/dist/lib/regex').default;
const folder = process.argv[2];

const names = (re) => re.source.match(/^\(\?:\(\?:(.*)\)\(\?=/s)[1].split('|');
const tlds = new Set([...names(twitter.regexen.validGTLD), ...names(twitter.regexen.validCCTLD)]);
writeFileSync(path.join(folder, 'tlds.txt'), [...tlds].sort().join('\n') + '\n');

// expand lists all texts that a regular expression without repetitions matches; it ignores what it looks ahead at.
function expand(source) {
  let i = 0;
  const unit = () => {
    if (source[i] !== '\\') return source[i++];
    if (source[i + 1] === 'u') return String.fromCharCode(parseInt(source.slice(i + 2, (i += 6)), 16));
    if (source[i + 1] === 'x') return String.fromCharCode(parseInt(source.slice(i + 2, (i += 4)), 16));
    i += 2;
    return source[i - 1];
  };
  const atom = () => {
    if (source[i] === '[') {
      const list = [];
      for (i++; source[i] !== ']'; ) {
        const from = unit();
        const range = source[i] === '-' && source[i + 1] !== ']';
        if (range) i++;
        const to = range ? unit() : from;
        for (let c = from.charCodeAt(0); c <= to.charCodeAt(0); c++) list.push(String.fromCharCode(c));
      }
      i++;
      return list;
    }
    if (source[i] === '(') {
      const ahead = source.startsWith('(?!', i) || source.startsWith('(?=', i);
      i += source[i + 1] === '?' ? 3 : 1;
      const list = choice();
      i++;
      return ahead ? [''] : list;
    }
    return [unit()];
  };
  const sequence = () => {
    let list = [''];
    while (i < source.length && source[i] !== '|' && source[i] !== ')') {
      let next = atom();
      if (source[i] === '?') next = [...next, ''];
      if (source[i] === '?') i++;
      list = list.flatMap((a) => next.map((b) => a + b));
    }
    return list;
  };
  const choice = () => {
    const list = sequence();
    while (source[i] === '|') {
      i++;
      list.push(...sequence());
    }
    return list;
  };
  return choice();
}
const several = new Set(expand(emoji.source).filter((e) => [...e].length > 1));
writeFileSync(path.join(folder, 'emoji.txt'), [...several].sort().join('\n') + '\n');
