/** Where the Workspace Service keeps contents. */
export type ContentChoice =
  { readonly kind: 'file'; readonly folder: string } | { readonly kind: 's3'; readonly endpoint: string };

/**
 * Chooses the store of contents: the S3 at `AWS_ENDPOINT_URL_S3` (or `AWS_ENDPOINT_URL`), or files in the given
 * folder.
 */
export function chooseContent(env: Readonly<Record<string, string | undefined>>, folder: string): ContentChoice {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'];
  return endpoint ? { kind: 's3', endpoint } : { kind: 'file', folder };
}
