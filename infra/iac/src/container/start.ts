/** First program of every image: prepares the writable folder, then becomes the service beside it. */
import { pathToFileURL } from 'node:url';
import { prepareRunFolder } from './prepare-run-folder.ts';

try {
  await prepareRunFolder(process.env, new Date());
} catch (error) {
  process.stdout.write(`${JSON.stringify({ level: 'fatal', msg: (error as Error).message })}\n`);
  process.exit(1);
}
await import(pathToFileURL(process.argv[2] ?? '/app/service.js').href);
