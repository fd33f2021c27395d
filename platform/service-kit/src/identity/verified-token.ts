/** What a verified access token says. */
export interface VerifiedToken {
  readonly tenantId: string;
  readonly subject: string;
  readonly roles: readonly string[];
  /** The client that the token was issued to (`client_id`, or `azp` of providers that send that). */
  readonly clientId?: string;
  /** `jti`, when the provider gives one. */
  readonly tokenId?: string;
  /** `sid`: the sign-in that the token belongs to, when the provider gives one. */
  readonly signInId?: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}
