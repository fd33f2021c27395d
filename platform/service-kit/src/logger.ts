import { pino } from 'pino';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';

/** A logger that writes JSON lines to stdout unless told where; level from LOG_LEVEL, `info` unless given. */
export function createLogger(service: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level: process.env['LOG_LEVEL'] ?? 'info',
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    // A second line: callers never log these, and if one does, they stay out.
    redact: [
      '*.authorization',
      '*.token',
      '*.accessToken',
      '*.clientSecret',
      'authorization',
      'token',
      'accessToken',
      'clientSecret',
    ],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
