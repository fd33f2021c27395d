export { host } from '../../../agent-runtime/agent-host/src/index.ts';
