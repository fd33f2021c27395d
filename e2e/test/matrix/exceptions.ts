/**
 * Operations on what belongs to one person: anybody else of the tenant gets 404, except people with one of the roles.
 */
export const seesWholeTenantOf: Readonly<Record<string, readonly string[]>> = {
  getSession: [],
  updateSession: [],
  resumeSession: [],
  cancelSession: [],
  completeSession: [],
  recordTask: [],
  listTasks: [],
  getTask: [],
  createSession: [],
  evaluate: [],
  getWorkspace: [],
  deleteWorkspace: [],
  listWorkspaceSessions: [],
  createArtifact: [],
  listArtifacts: [],
  getArtifact: [],
  putArtifactContent: [],
  getArtifactContent: [],
  getApproval: ['approver', 'auditor'],
  decideApproval: ['approver', 'auditor'],
  getEvent: ['admin', 'auditor', 'operator'],
  streamWorkspace: ['admin', 'auditor', 'operator'],
};

interface ForeignAnswers {
  readonly any?: readonly number[];
  readonly foreign?: readonly number[];
  readonly unknown?: readonly number[];
  readonly mixed?: readonly number[];
}

/** Where a foreign or unknown id is answered by something else than 404; for both alike unless said. */
export const answersForForeign: Readonly<Record<string, ForeignAnswers>> = {
  // Lists narrowed by an id: a list without items.
  listSessions: { any: [200] },
  listApprovals: { any: [200] },
  queryEvents: { any: [200] },
  tallyDecisions: { any: [200] },
  // The tenant of the query must be the one acted for.
  getPolicyBundle: { any: [403] },
  // Two simulations of the tenant may be running just then, which is said before an id is looked at.
  simulatePolicy: { any: [404, 409] },
  // Streams begin with their first event: the id becomes a stream of the caller's own tenant.
  appendEvents: { any: [201, 403] },
};

/** Where an entitled call about one's own things may also be refused, and why. */
export const answersForOwn: Readonly<Record<string, readonly number[]>> = {
  // Deleted by an earlier call of the matrix.
  deleteWorkspace: [404],
  // Events join the stream of the owner's workspace: others may not write to it.
  appendEvents: [403],
  // A session that has ended, by an earlier call of the matrix.
  resumeSession: [410],
};
