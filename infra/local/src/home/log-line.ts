/** Writes one JSON log line to stderr, with the time and the component's name. */
export function logLine(component: string, fields: Readonly<Record<string, unknown>>): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level: 'info', component, ...fields });
  process.stderr.write(`${line}\n`);
}
