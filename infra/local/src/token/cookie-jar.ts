/** The few cookies of one sign-in: name and value only, which is all a loopback server of ours needs. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Takes over the cookies that a response sets or clears. */
  store(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';', 1)[0] ?? '';
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const value = pair.slice(equals + 1);
      if (value === '') this.#cookies.delete(pair.slice(0, equals));
      else this.#cookies.set(pair.slice(0, equals), value);
    }
  }

  /** The value of the `Cookie` request header. */
  header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
