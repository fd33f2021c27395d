import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import type { RequestContext } from '../request-context.ts';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type PathOf<Op> = Op extends { parameters: { path: infer P } } ? P : Record<string, never>;
type QueryOf<Op> = Op extends { parameters: { query?: infer Q } }
  ? [Exclude<Q, undefined>] extends [never]
    ? Record<string, never>
    : Exclude<Q, undefined>
  : Record<string, never>;
type BodyOf<Op> = Op extends { requestBody: infer B }
  ? Json<B>
  : Op extends { requestBody?: infer B }
    ? Json<Exclude<B, undefined>> | undefined
    : undefined;
type Success = 200 | 201 | 202 | 203 | 204 | 206 | 304;

/** A handler returns this after it has answered through `response` itself (streams). */
export const answered: unique symbol = Symbol('answered');

/** What an operation may answer: a documented success status with its documented body. */
export type OperationReply<Op> =
  | typeof answered
  | (Op extends { responses: infer R }
      ? {
          [S in keyof R & Success]: {
            readonly status: S;
            readonly body: Json<R[S]>;
            readonly headers?: Readonly<Record<string, string>>;
          };
        }[keyof R & Success]
      : never);

/** One validated call of an operation. */
export interface OperationCall<Op> {
  readonly path: PathOf<Op>;
  readonly query: QueryOf<Op>;
  readonly body: BodyOf<Op>;
  readonly headers: IncomingHttpHeaders;
  readonly context: RequestContext;
  /** The bare request, for bodies that are read as a stream. */
  readonly request: Request;
  /** The bare response, for streams; return `answered` after using it. */
  readonly response: Response;
}

/** Answers one operation; throws StewardError for every refusal. */
export type OperationHandler<Op> = (call: OperationCall<Op>) => Promise<OperationReply<Op>> | OperationReply<Op>;

/** One handler per operation of a service; a missing one is a type error and refused at start. */
export type OperationHandlers<Operations> = { readonly [Id in keyof Operations]: OperationHandler<Operations[Id]> };
