const names = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
  'InternalServerError',
  'TimeoutError',
  'RequestTimeout',
]);
const reasons = new Set(['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * True for failures of DynamoDB and S3 that pass: throttled, timed out, cut off, contended or failed on their side,
 * after the client's own retries. The AWS SDK marks all its errors with `$metadata`.
 */
export function isTemporaryStoreFailure(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { name, code, $metadata, $fault, CancellationReasons } = error as {
    name?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: number; attempts?: number };
    $fault?: unknown;
    CancellationReasons?: { Code?: string }[];
  };
  if (name === 'TransactionCanceledException')
    return (CancellationReasons ?? []).every(({ Code }) => reasons.has(Code ?? 'None'));
  const isCut =
    typeof code === 'string' &&
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_SOCKET|UND_ERR_\w+_TIMEOUT)/.test(code);
  return names.has(String(name)) || isCut || $fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500;
}
