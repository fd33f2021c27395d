export { access } from './access/access.ts';
export type { ServiceAccess, TableAccess } from './access/access.ts';
export { createStacks } from './create-app.ts';
export type { StewardStacks } from './create-app.ts';
export { DeploymentError, readDeployment } from './deployment.ts';
export type { Deployment } from './deployment.ts';
