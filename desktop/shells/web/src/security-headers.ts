/** What the content security policy has to allow beside the shell itself. */
export interface PolicyFacts {
  readonly port: number;
  /** Origin of the identity provider, the one other place that a window may be sent to. */
  readonly issuerOrigin: string;
}

/** The headers of every answer. Scripts, styles and connections come from the shell alone. */
export function securityHeaders(facts: PolicyFacts): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      // Some browsers do not count WebSockets as 'self'.
      `connect-src 'self' ws://127.0.0.1:${facts.port} ws://localhost:${facts.port}`,
      "base-uri 'none'",
      `form-action 'self' ${facts.issuerOrigin}`,
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), payment=(), clipboard-read=()',
  };
}
