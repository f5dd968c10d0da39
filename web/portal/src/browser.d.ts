// What browsers have and TypeScript's own description of them does not yet.
declare namespace Intl {
  interface Locale {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  }
}
interface DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}
interface FileSystemHandle {
  queryPermission?(): Promise<PermissionState>;
  requestPermission?(): Promise<PermissionState>;
}
