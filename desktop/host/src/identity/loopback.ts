/** True for an address on this machine by IP literal or `localhost`: the only place where plain HTTP is accepted. */
export function isLoopbackUrl(value: string): boolean {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return false;
  }
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
