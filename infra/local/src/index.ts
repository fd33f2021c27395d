export { createIdentityServer } from './identity-provider/server.ts';
