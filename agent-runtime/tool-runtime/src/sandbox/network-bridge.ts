/**
 * How a command without a network reaches the egress proxy: inside its own network namespace this program listens on
 * loopback, passes every connection on to a socket that was mounted for it, and starts the command with the usual proxy
 * variables. It knows no rules and holds no secrets; whoever takes it over can still only talk to the proxy.
 */
export const networkBridgeSource = `
'use strict';
const net = require('node:net');
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const [socketPath, ...command] = process.argv.slice(1);
const bridge = net.createServer({ allowHalfOpen: true }, (inner) => {
  const outer = net.connect({ path: socketPath, allowHalfOpen: true });
  inner.on('error', () => outer.destroy());
  outer.on('error', () => inner.destroy());
  inner.pipe(outer);
  outer.pipe(inner);
});
bridge.listen(0, '127.0.0.1', () => {
  const address = 'http://127.0.0.1:' + bridge.address().port;
  const env = { ...process.env };
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'npm_config_proxy', 'npm_config_https_proxy'])
    env[name] = env[name.toLowerCase()] = address;
  env.NO_PROXY = env.no_proxy = '';
  env.NODE_USE_ENV_PROXY = '1';
  const child = spawn(command[0], command.slice(1), { stdio: 'inherit', env });
  child.on('error', (error) => {
    process.stderr.write(command[0] + ': could not be started (' + error.code + ')\\n');
    process.exit(error.code === 'ENOENT' ? 127 : 126);
  });
  child.on('exit', (code, signal) => process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code));
});
`;

/** The words in front of a command that may use the egress proxy. */
export function bridgeWords(node: string, socketPath: string): string[] {
  return [node, '-e', networkBridgeSource, socketPath];
}
