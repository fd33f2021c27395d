/** `npm run matrix`: every call of the role matrix, in memory, on the database engine and without owner checks. */
process.env.MATRIX = 'whole';
process.argv.splice(2, Infinity, 'e2e/test/matrix');
await import('./test.mjs');
