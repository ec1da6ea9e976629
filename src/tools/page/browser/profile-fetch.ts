import type { ProfileFile, ProfileType } from './profile-protocol.js';

/** A profile that the server has taken. */
export interface FetchedProfile {
  readonly file: ProfileFile;
  /** The file as it came, for the disk. */
  readonly blob: Blob;
  readonly fileName: string;
}

/**
 * Requests a profile. Resolves once it was taken.
 *
 * @param files address of the folder with the files of the page
 * @throws {Error} with the sentence that the server answers, if it takes none.
 */
export async function fetchProfile(
  files: string,
  query: { readonly type: ProfileType; readonly seconds: number },
  token: string | null,
  signal: AbortSignal,
): Promise<FetchedProfile> {
  const { type, seconds } = query;
  const parameters = new URLSearchParams({ type, seconds: String(seconds) });
  const url = new URL(`${files}profile?${parameters}`, document.baseURI);
  const response = await fetch(url, {
    signal,
    headers: {
      // Shows the server that the request is not one of another page.
      'X-Requested-With': 'thrift-metrics',
      ...(token !== null && { Authorization: `Bearer ${token}` }),
    },
  });
  if (!response.ok) throw new Error(await sentenceOf(response));
  const blob = await response.blob();
  const [, fileName = 'profile'] =
    /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '') ?? [];
  return { file: JSON.parse(await blob.text()) as ProfileFile, blob, fileName };
}

async function sentenceOf(response: Response): Promise<string> {
  const text = (await response.text()).trim().slice(0, 400).replace(/\.$/, '');
  return `The server answered with status ${response.status}: ${text}.`;
}
