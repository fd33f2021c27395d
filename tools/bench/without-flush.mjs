/**
 * Imported by a runtime that is measured: flushes of file contents return at once, so that a run beside one without this
 * shows what they cost. Nothing that such a process confirms survives a power cut.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate } from 'node:timers';

fs.fdatasync = (_fd, callback) => setImmediate(callback, null);
fs.fdatasyncSync = () => undefined;
syncBuiltinESMExports();
