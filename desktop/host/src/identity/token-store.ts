/** What the host keeps of a sign-in. Held by the host only; never logged, never sent to a renderer. */
export interface StoredTokens {
  readonly refreshToken: string;
  readonly user: {
    readonly userId: string;
    readonly tenantId: string;
    readonly name: string;
    readonly roles: readonly string[];
  };
}

/** Keeps the tokens of one person between two runs. */
export interface TokenStore {
  /** The kept tokens; undefined when there are none or they can't be read any more (a new sign-in repairs that). */
  load(): Promise<StoredTokens | undefined>;
  /** Resolves once the tokens would survive a crash. */
  save(tokens: StoredTokens): Promise<void>;
  clear(): Promise<void>;
}

/** Reads kept tokens; undefined when the shape is not ours. */
export function parseStoredTokens(text: string): StoredTokens | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = value as Partial<StoredTokens> | null;
  const user = tokens?.user;
  if (typeof tokens?.refreshToken !== 'string' || typeof user?.userId !== 'string') return undefined;
  if (typeof user.tenantId !== 'string' || typeof user.name !== 'string' || !Array.isArray(user.roles))
    return undefined;
  return { refreshToken: tokens.refreshToken, user };
}
