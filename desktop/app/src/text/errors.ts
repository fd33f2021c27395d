import { errorCodes } from '@steward/contracts';
import type { ErrorBody } from '@steward/contracts';

/** What the person can do next about an error; empty when the code is not known. */
export function errorRemedy(error: Pick<ErrorBody, 'code'>): string {
  const known = (errorCodes as Readonly<Record<string, { readonly remedy: string }>>)[error.code];
  return known?.remedy ?? '';
}

/** The mapped sentence of a code; the message itself when the code is not known. */
export function errorTitle(error: Pick<ErrorBody, 'code' | 'message'>): string {
  const known = (errorCodes as Readonly<Record<string, { readonly sentence: string }>>)[error.code];
  return known?.sentence ?? error.message;
}

/** What happened and what to do, as one line. */
export function errorSentence(error: ErrorBody): string {
  const remedy = errorRemedy(error);
  return remedy === '' || error.message.includes(remedy) ? error.message : `${error.message} ${remedy}`;
}
