export { host } from '../../agent-host/src/index.ts';
