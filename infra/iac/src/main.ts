import { App } from 'aws-cdk-lib';
import { createStacks } from './create-app.ts';
import { DeploymentError, readDeployment } from './deployment.ts';

const app = new App();
try {
  createStacks(
    app,
    readDeployment((key) => app.node.tryGetContext(key) as unknown),
  );
} catch (error) {
  if (!(error instanceof DeploymentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
app.synth();
