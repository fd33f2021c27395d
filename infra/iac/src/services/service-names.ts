import { access } from '../access/access.ts';
import type { ServiceName } from '@steward/service-kit';

/** The services, in the order of their names' first use in the access data. */
export const serviceNames = Object.keys(access) as readonly ServiceName[];
