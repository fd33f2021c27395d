export { kit } from '../../service-kit/src/index.ts';
