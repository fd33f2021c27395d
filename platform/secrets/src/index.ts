export { decodedForms } from './decoded-forms.ts';
export * from './find-secrets.ts';
export { loadDetectors } from './library-rules.ts';
export * from './redact.ts';
export * from './redacting-stream.ts';
