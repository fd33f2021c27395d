/** Entry of the instrumented host: the seam is in place before the host's first line runs. */
import { instrumentStdio } from '../seam/stdio.ts';

instrumentStdio();
await import('./host-main.ts');
