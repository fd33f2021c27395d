/** An incident as clients see it and the store keeps it. */
export interface Incident {
  readonly incidentId: string;
  readonly tenantId: string;
  readonly title: string;
  readonly description?: string;
  readonly severity: 'debug' | 'info' | 'warning' | 'error' | 'critical';
  readonly status: 'open' | 'closed';
  readonly openedBy: string;
  readonly closedBy?: string;
  readonly resolution?: string;
  readonly sessionId?: string;
  readonly workspaceId?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What makes opening an incident repeatable. */
export interface OpeningKey {
  /** Unique per tenant, opener and the key that the opener chose. */
  readonly key: string;
  /** Digest of what was said; the same key with another digest is a conflict. */
  readonly contentDigest: string;
}
