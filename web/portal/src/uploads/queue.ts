import { isSidecar, type Chosen } from './sidecars';
import { leftovers } from '../api/generated/descriptors';
/** The upload queue on disk (IndexedDB), so that a reload or a crash of the tab forgets nothing. */
export interface Entry {
  key: string;
  name: string;
  type: string;
  size: number;
  modified: number;
  /** The id of the library that it is for; entries of earlier releases have none and are main's. */
  library?: string;
  /** The id of the asset this file is a new version of; "" for a new asset. */
  target: string;
  /** The file itself while it is small enough to be copied, or a handle to read it again. */
  file?: File;
  handle?: FileSystemFileHandle;
  /** The XMP file that stands beside it; it is sent once the file is an asset. */
  sidecar?: File;
  /** The asset that the file has become, while its sidecar is still to be sent. */
  asset?: string;
  /** Where the server collects the bytes, once it has said so. */
  url?: string;
  /** The asset that already has these bytes, while a person has not yet chosen what to do. */
  duplicate?: string;
}

// Copying a file into the queue costs its size on disk again: beyond this a handle, or dropping it anew, has to do.
export const COPIED = 256 * 1000 * 1000;

let opening: Promise<IDBDatabase> | undefined;
function database(): Promise<IDBDatabase> {
  return (opening ??= new Promise((resolve, reject) => {
    const r = indexedDB.open('vitrine-uploads', 1);
    r.onupgradeneeded = () => r.result.createObjectStore('queue', { keyPath: 'key' });
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error('indexedDB'));
  }));
}
async function transact<T>(
  mode: IDBTransactionMode,
  act: (s: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const db = await database();
    return await new Promise<T>((resolve, reject) => {
      const t = db.transaction('queue', mode);
      const r = act(t.objectStore('queue'));
      t.oncomplete = () => resolve(r.result);
      t.onabort = () => reject(t.error ?? new Error('indexedDB'));
    });
  } catch {
    return undefined; // private windows and full disks: the queue then lives as long as the tab
  }
}

export const queue = {
  all: async (): Promise<Entry[]> => (await transact('readonly', (s) => s.getAll())) ?? [],
  put: (e: Entry) => transact('readwrite', (s) => s.put(e)),
  remove: (key: string) => transact('readwrite', (s) => s.delete(key)),
};

const isFile = (e: FileSystemEntry): e is FileSystemFileEntry => e.isFile;
const isFolder = (e: FileSystemEntry): e is FileSystemDirectoryEntry => e.isDirectory;
const isFileHandle = (h: FileSystemHandle): h is FileSystemFileHandle => h.kind === 'file';

const leftFolder = (name: string) => leftovers.folders.includes(name.toLowerCase());
/** Of a folder, hidden files are left as well. */
function leftFile(file: string): boolean {
  const name = file.toLowerCase();
  return (
    name.startsWith('.') ||
    leftovers.files.includes(name) ||
    leftovers.prefixes.some((p) => name.startsWith(p)) ||
    leftovers.extensions.some((e) => name.endsWith(e))
  );
}

/** Every file of a drop, folders walked through. */
export async function droppedFiles(data: DataTransfer): Promise<Chosen[]> {
  // The items are only readable during the event: everything asynchronous is begun before the first await.
  const begun = [...data.items]
    .filter((i) => i.kind === 'file')
    .map((i) => ({
      entry: i.webkitGetAsEntry(),
      file: i.getAsFile(),
      handle: i.getAsFileSystemHandle?.().catch(() => null),
    }));
  const out: Chosen[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (isFile(entry)) {
      const file = await new Promise<File>((ok, no) => entry.file(ok, no));
      if (isSidecar(file.name) || !leftFile(file.name))
        out.push({ file, folder: entry.fullPath.slice(0, -entry.name.length) });
      return;
    }
    if (!isFolder(entry) || leftFolder(entry.name)) return;
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((ok, no) => reader.readEntries(ok, no));
      if (!some.length) return;
      for (const e of some) await walk(e);
    }
  };
  for (const { entry, file, handle } of begun) {
    if (entry?.isDirectory) await walk(entry);
    else if (file) {
      const h = await handle;
      out.push({ file, ...(h && isFileHandle(h) && { handle: h }) });
    }
  }
  return out;
}
