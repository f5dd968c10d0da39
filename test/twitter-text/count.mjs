// Reads texts as lines of JSON, and writes for each what twitter-text says: its weighted length, and its links as
// positions.
import twitter from 'twitter-text';

process.stdin.setEncoding('utf8');
let input = '';
for await (const part of process.stdin) input += part;
const out = [];
for (const line of input.trimEnd().split('\n')) {
  const text = JSON.parse(line);
  out.push(JSON.stringify({
    weight: twitter.parseTweet(text).weightedLength,
    links: twitter.extractUrlsWithIndices(text.normalize()).map(({ url, indices }) => ({ at: indices[0], size: url.length })),
  }));
}
process.stdout.write(out.join('\n') + '\n');
