import type { Job } from './job';
import { catalogue } from '../api/catalogue.svelte';
import { m } from '../i18n/paraglide/messages';
import { fieldName } from '../asset/sentences';

const actions: Record<string, () => string> = {
  submit: m.bulk_submit,
  approve: m.bulk_approve,
  reject: m.bulk_reject,
  archive: m.bulk_archive,
  restore: m.bulk_restore,
  delete: m.bulk_bin,
  undelete: m.bulk_unbin,
  read_metadata: m.bulk_read,
  import: m.sheets,
};

/** What a job does, in words. */
export function jobTitle({ change: c, undoes, dry_run }: Job): string {
  const name = (id: string) => catalogue.collections.items.find((x) => x.id === id)?.name ?? id;
  const said: string[] = [];
  if (dry_run) said.push(c.action === 'import' ? m.sheets_try() : m.bulk_read_dry());
  else if (c.action) said.push(actions[c.action]?.() ?? c.action);
  if (c.set && Object.keys(c.set).length)
    said.push(m.bulk_set({ fields: Object.keys(c.set).map(fieldName).join(', ') }));
  if (c.add_tags?.length) said.push(m.bulk_tag({ tags: c.add_tags.join(', ') }));
  if (c.remove_tags?.length) said.push(m.bulk_untag({ tags: c.remove_tags.join(', ') }));
  if (c.add_collection) said.push(m.bulk_collect({ name: name(c.add_collection) }));
  if (c.remove_collection) said.push(m.bulk_uncollect({ name: name(c.remove_collection) }));
  const what = said.join(' · ');
  return undoes ? m.bulk_undoing({ what }) : what;
}
