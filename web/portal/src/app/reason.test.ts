import { beforeAll, expect, test } from 'vitest';
import { Failure } from '../api/client';
import { explain } from '../ui/explain';
import { correction } from '../library/queryError';
import { overwriteGetLocale } from '../i18n/paraglide/runtime';
import { advice, loadReasons, noted, told, why } from '../ui/reason.svelte';

// French puts a space that does not break before : ; ? and inside « ».
const plain = (s: string) => s.replaceAll('\u00a0', ' ');

beforeAll(async () => {
  overwriteGetLocale(() => 'fr');
  await loadReasons();
});

test('a refused upload is explained in French', () => {
  const p = {
    code: 'too_large',
    detail: 'The picture has 300 million pixels; this server shows up to 250 million.',
    remedy: 'Send a smaller copy.',
    reason: 'picture_over_pixel_limit',
    params: { pixels: 300, max: 250 },
    remedy_code: 'send_a_smaller_copy',
  };
  const said = explain(new Failure(p));
  expect({ ...said, what: plain(said.what) }).toEqual({
    what: 'L’image a 300 millions de pixels ; ce serveur en montre jusqu’à 250 millions.',
    why: [],
    next: 'Envoyez une copie plus petite.',
  });
});

test('a mistake of a query is explained in French, and mended by what the server proposes', () => {
  const p = {
    reason: 'query_not_a_value',
    params: { value: 'aproved', name: 'status', field: 'status', better: 'approved' },
    remedy_code: 'did_you_mean_value',
  };
  expect(plain(why(p))).toBe('« aproved » n’est pas une valeur de status');
  expect(plain(advice(p))).toBe('vouliez-vous dire status:approved ?');
  expect(
    correction('status:aproved', { ...p, errors: [{ location: 'q', message: '', offset: 7, length: 7 }] }).fixed,
  ).toBe('status:approved');
});

test('the note of a version whose preset could not be made is told in French, reason within reason', () => {
  const note = [
    {
      reason: 'preset_refused',
      params: {
        preset: 'hero',
        why: { reason: 'watermark_unreadable', remedy_code: 'give_the_preset_another_watermark' },
      },
    },
  ];
  expect(plain(noted(note, 'The preset “hero” could not be made: …'))).toBe(
    'Le préréglage « hero » n’a pas pu être produit : le fichier du filigrane ne peut pas être lu.',
  );
});

test('an error of an import’s row is told in French', () => {
  const row = {
    message: 'it has 3 cells, the first line has 4',
    remedy: 'quote cells that hold the separator',
    reason: 'row_cells_differ',
    params: { cells: 3, columns: 4 },
    remedy_code: 'quote_cells_that_hold_the_separator',
  };
  expect(told(row)).toBe(
    'Elle a 3 cellules, la première ligne en a 4. Mettez entre guillemets les cellules qui contiennent le séparateur.',
  );
});

test('a value that is a code, a time or a duration is written in French', () => {
  expect(why({ reason: 'permission_needed', params: { permission: 'publish', library: 'lib' } })).toBe(
    'ceci demande la permission de publier dans la médiathèque lib',
  );
  expect(why({ reason: 'publication_over', params: { state: 'recalled' } })).toBe(
    'la publication est déjà à l’état retirée',
  );
  expect(why({ reason: 'rights_end', params: { until: '2026-11-30' } })).toBe('les droits finissent le 30 nov. 2026');
  const late = why({ reason: 'missed_due', params: { at: '2026-11-29T12:00:00Z', grace: '2h30m0s' } });
  expect(late).toContain('29 nov. 2026');
  expect(late).toContain('dans le délai de 2 h 30 min');
  expect(plain(why({ reason: 'film_too_short', params: { preset: 'reel', duration: '2.5', min: 3 } }))).toBe(
    'reel dure 2,5 s, moins que 3',
  );
  const held = { reason: 'hold_by', params: { why: { reason: 'epoch_restored' }, by: 'Ana' } };
  expect(plain(why({ reason: 'held_store_unchanged', params: { words: held, store: 's3' } }))).toContain(
    'le catalogue a été restauré d’une sauvegarde par Ana :',
  );
  // A newer server's value, and what an earlier version stored, stay as they are.
  expect(why({ reason: 'publication_over', params: { state: 'shelved' } })).toContain('shelved');
  expect(why({ reason: 'rights_end', params: { until: 'soon' } })).toContain('soon');
});

test('what has no text here is told in the server’s words', () => {
  expect(why({ reason: 'of_a_newer_server' }, 'something new')).toBe('something new');
  expect(why({ reason: 'legacy', params: { text: 'as an older version said' } })).toBe('as an older version said');
  expect(noted([{ reason: 'of_a_newer_server' }], 'Something new.')).toBe('Something new.');
});
