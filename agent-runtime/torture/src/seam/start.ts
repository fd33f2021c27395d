/** Entry of the instrumented build: the seam is in place before the product's first line runs. */
import { instrumentStdio } from './stdio.ts';

instrumentStdio();
await import('../../../app/src/main.ts');
