/** An advisory that a person looked at and explained; it counts again from the day it expires. */
export interface AuditException {
  readonly advisory: string;
  readonly package: string;
  readonly reason: string;
  /** Day, `YYYY-MM-DD`. */
  readonly expires: string;
}

/** What an audit found: `checked` false means that the registry has no advisories to give. */
export interface AuditResult {
  readonly checked: boolean;
  readonly problems: readonly string[];
  /** Sentences for people: what the registry answered, which findings are explained. */
  readonly notes: readonly string[];
}

interface Advisory {
  readonly url?: string;
  readonly title?: string;
  readonly severity?: string;
}

/** Answers of a registry that keeps no advisories at all: no such route, or no such method. */
const NOT_OFFERED = [404, 405, 501];

/**
 * Judges the JSON that `npm audit --json` printed. A finding is a problem unless an exception that has not expired names
 * its advisory and its package. A registry that does not offer the audit (404, 405, 501) makes it unchecked; any other
 * answer that holds no report is a problem, and so is an exception that has expired or that nothing needs.
 */
export function judgeAudit(output: string, exceptions: readonly AuditException[], now: Date): AuditResult {
  const report = parse(output);
  if (report === undefined) return refused(`npm audit printed no report: ${output.slice(0, 200)}`);
  if (typeof report['statusCode'] === 'number') {
    const answer = `The registry answered ${report['statusCode']} to the audit request (${String(report['message'])}).`;
    if (NOT_OFFERED.includes(report['statusCode'])) return { checked: false, problems: [], notes: [answer] };
    return refused(answer);
  }
  if (!isRecord(report['vulnerabilities'])) return refused(`npm audit reported no result: ${output.slice(0, 200)}`);

  const findings = findingsOf(report['vulnerabilities']);
  const valid = exceptions.filter(({ expires }) => Date.parse(`${expires}T00:00:00Z`) > now.getTime());
  const explains = (finding: Finding) => (exception: AuditException) =>
    exception.advisory === finding.advisory && exception.package === finding.package;
  const problems = findings
    .filter((finding) => !valid.some(explains(finding)))
    .map((finding) => `${finding.package}: ${finding.advisory} (${finding.severity}) ${finding.title}`);
  const notes = findings.flatMap((finding) =>
    valid
      .filter(explains(finding))
      .map(({ reason, expires }) => `${finding.package}: ${finding.advisory} is explained until ${expires}: ${reason}`),
  );
  const idle = exceptions
    .filter((exception) => !findings.some((finding) => explains(finding)(exception)))
    .map(({ advisory, package: name }) => `${name}: the exception for ${advisory} is not needed any more; remove it.`);
  return { checked: true, problems: [...problems, ...idle], notes };
}

interface Finding {
  readonly package: string;
  readonly advisory: string;
  readonly severity: string;
  readonly title: string;
}

function findingsOf(vulnerabilities: Record<string, unknown>): Finding[] {
  return Object.entries(vulnerabilities).flatMap(([name, value]) => {
    const via: readonly unknown[] = isRecord(value) && Array.isArray(value['via']) ? value['via'] : [];
    // Text entries name a dependency that is listed with its own advisories.
    return via.filter(isRecord).map((advisory: Advisory) => ({
      package: name,
      advisory: advisory.url?.split('/').at(-1) ?? 'unknown advisory',
      severity: advisory.severity ?? 'unknown',
      title: advisory.title ?? '',
    }));
  });
}

function refused(problem: string): AuditResult {
  return { checked: true, problems: [problem], notes: [] };
}

function parse(output: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
