export * from './find-secrets.ts';
export * from './redact.ts';
export * from './redacting-stream.ts';
