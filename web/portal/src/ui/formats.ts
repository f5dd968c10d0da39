import { formatInfos } from '../api/generated/descriptors';

/** Whether a format is video. */
export const isVideo = (f: string | undefined) => formatInfos.some((x) => x.format === f && x.film);
