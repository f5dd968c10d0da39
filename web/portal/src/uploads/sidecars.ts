import { rawExtensions } from '../api/generated/descriptors';

/** Whether a name is that of an XMP sidecar. */
export const isSidecar = (name: string) => /\.xmp$/i.test(name) && !name.startsWith('._');

const stem = (name: string) => name.replace(/\.[^.]*$/, '').toLowerCase();
const isRaw = (name: string) => rawExtensions.some((e) => name.toLowerCase().endsWith(e));

/** The name of a file's sidecar among those of its folder; "" for none. The rules are those of SidecarOf in dam/sidecar.go. */
export function sidecarOf(file: string, folder: readonly string[]): string {
  const long = folder.find((n) => isSidecar(n) && stem(n) === file.toLowerCase());
  if (long) return long;
  const rivals = folder.filter((n) => n !== file && !isSidecar(n) && stem(n) === stem(file));
  if (rivals.length && !(isRaw(file) && !rivals.some(isRaw))) return '';
  return folder.find((n) => isSidecar(n) && stem(n) === stem(file)) ?? '';
}

/** A file that was dropped or chosen, and the folder it came from. */
export interface Chosen {
  file: File;
  handle?: FileSystemFileHandle;
  folder?: string;
}

/** Whether an answer to a sidecar is for good: anything else may pass, and the sidecar is sent again. */
export const final = (status: number): boolean => status >= 400 && status < 500 && ![401, 408, 429].includes(status);

/** Gives files the sidecars that stand beside them; those that nobody has stay files of their own. */
export function paired(chosen: readonly Chosen[]): (Chosen & { sidecar?: File })[] {
  const folders = new Map<string, Chosen[]>();
  for (const c of chosen) folders.set(c.folder ?? '', [...(folders.get(c.folder ?? '') ?? []), c]);
  const taken = new Set<File>();
  const out = new Map<Chosen, File>();
  for (const list of folders.values()) {
    if (!list.some((c) => isSidecar(c.file.name))) continue;
    const names = list.map((c) => c.file.name);
    for (const c of list) {
      if (isSidecar(c.file.name)) continue;
      const name = sidecarOf(c.file.name, names);
      const found = name && list.find((x) => x.file.name === name)?.file;
      if (!found) continue;
      taken.add(found);
      out.set(c, found);
    }
  }
  return chosen
    .filter((c) => !taken.has(c.file))
    .map((c) => {
      const sidecar = out.get(c);
      return sidecar ? { ...c, sidecar } : c;
    });
}
