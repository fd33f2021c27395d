import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  createSecretFinder,
  findSecrets,
  loadDetectors,
  RedactingStream,
  redactionMarkers,
  replaceFound,
} from '../src/index.ts';

await loadDetectors();

const random36 = 'aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6';
const redact = (text: string): string => replaceFound(text, findSecrets(text));

/** Written in two halves, so that this file itself holds nothing that looks like a secret. */
const secrets: readonly (readonly [secret: string, kind: string])[] = [
  ['AKIA' + 'IOSFODNN7ABCDEFG', 'AWS access key'],
  ['gh' + `p_${random36}`, 'GitHub token'],
  ['github' + `_pat_${random36.slice(0, 22)}_${random36}`, 'GitHub token'],
  ['gl' + 'pat-abcdEFGH1234ijklMNOP', 'GitLab token'],
  ['xo' + 'xb-1234567890123-1234567890123-abcdefghijklmnopqrstuvwx', 'Slack token'],
  ['sk' + `-ant-api03-${random36}${random36}`, 'API key'],
  ['AI' + 'zaSyA1234567890abcdefghijklmnopqrstuv', 'Google API key'],
  ['npm' + `_${random36}`, 'npm token'],
  ['sk' + '_live_4eC39HqLyjWDarjtT1zdp7dc', 'Stripe key'],
  ['AGE-SECRET' + `-KEY-1${'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'.repeat(2).slice(0, 58)}`, 'age key'],
  [`eyJ${random36}.eyJ${random36}.${random36}`, 'JSON web token'],
  [`session-eyJ${random36}.eyJ${random36}.${random36}`, 'JSON web token'],
  [
    `-----BEGIN RSA PRIVATE KEY-----\n${`${random36}${random36.slice(0, 28)}\n`.repeat(10)}-----END RSA PRIVATE KEY-----`,
    'private key',
  ],
];

describe('findSecrets', () => {
  it.each(secrets)('takes %s out of a sentence and says what it was', (secret, kind) => {
    expect(redact(`before ${secret} after`)).toBe(`before [redacted: ${kind}] after`);
  });

  it.each([
    ['postgres://app:tr0ub4dor-and-3@db.internal:5432/main', /^postgres:\/\/|\[redacted: /],
    ['https://bob:hunter22x@example.org/x', /\[redacted: password in an address\]/],
    [
      'DefaultEndpointsProtocol=https;AccountKey=' + 'Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3A=',
      /AccountKey=\[redacted: storage account key\]/,
    ],
    ["const apiKey = 'q8Zr2Lm9Xw4Tn7Vb1Ks6'", /apiKey = '\[redacted: secret\]'/],
    ['DB_PASSWORD=q8Zr2Lm9Xw4Tn7Vb1Ks6', /DB_PASSWORD=\[redacted: secret\]/],
    ['Authorization: Bearer q8Zr2Lm9Xw4Tn7Vb1Ks6Hd3Gf5', /Bearer \[redacted: bearer token\]/],
  ])('takes the secret out of %s', (text, expected) => {
    expect(redact(text)).toMatch(expected);
    expect(redact(text)).not.toMatch(/tr0ub4dor|hunter22x|Zm9vYmFy|q8Zr2Lm9/);
  });

  it.each([
    'const token = await tokenSource.fetchToken(options);',
    'password: string; secretName?: string; apiKey = process.env.API_KEY',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'commit 3f786850e387550fdab836ed7e6dc881de23001b',
    '"integrity": "sha512-9Vd2lJ0Jv1XGmT4y4yV1b7E5cQ0u2g=="',
    'task-list, skills, eyes, AKIA, ghp_ and -----BEGIN CERTIFICATE-----',
    'import { createHash } from "node:crypto"; // a comment on passwords and tokens',
    'https://example.org/path/to/some/long/page?query=value&other=thing',
    'sess_01JD0000000000000000000000 task_01JD0000000000000000000001',
    'API_KEY=your-api-key-goes-here-123',
  ])('leaves ordinary text as it is: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    'password: hunter2x',
    '  password: hunter2x',
    'spring.datasource.password=hunter2x',
    'db_password = hunter2x',
    'Password=hunter2x',
    '- password: hunter2x',
    'mysql_pwd: hunter2x',
    'smtp-pass: hunter2x',
    'passphrase: correct-hunter2x-horse',
    'password: hunter2x # for staging',
    '"password": "hunter2x",',
    "password: 'hunter2x'",
    'user: app\r\npassword: hunter2x\r\nport: 5432',
    '[client]\npassword=hunter2x!\nhost=db',
    'ansible_ssh_pass: hunter2x',
  ])('takes the password out of a line of a configuration: %j', (text) => {
    expect(redact(text)).toMatch(/\[redacted: (?:password|secret)\]/);
    expect(redact(text)).not.toContain('hunter2x');
  });

  it.each([
    'password: string',
    'password: string;',
    '  password?: string | undefined;',
    'password: ${DB_PASSWORD1}',
    'password: $DB_PASS1',
    'password=%DB_PASS1%',
    'password: {{ db_pass1 }}',
    'password: ********',
    'password: <your password 1>',
    'password: your-password-123',
    'password: changeme1',
    'password: null',
    'password: true',
    'password: 123456',
    'password: !vault |',
    'password: *anchor1',
    'password: /run/secrets/db1',
    'password: vault:secret/db1',
    'password: op://work/db1/item',
    'password: arn:aws:secretsmanager:eu-west-1:1:x',
    'password = config.database1',
    'password=self.pass1',
    'password = getPass1()',
    'password=os.environ["P1"],',
    'password = password2',
    'password: Joi.string().min(8).max(64)',
    'password_min_length: 12chars',
    'passwordHash: bcrypt2b10',
    'password must be at least 8 characters',
    'Password: at least 8 characters, one of them a digit1',
    'if (password === other1)',
    'password == other12',
    'The password: see the note1 below.',
  ])('leaves what only stands for a password: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    'DB_PASSWORD=hunterhunter',
    'PASSWORD=correcthorsebattery',
    'export PGPASSWORD=correcthorsebattery',
    'export DB_PASSWORD=correcthorsebattery',
    'POSTGRES_PASSWORD=hunterhunter',
    'MYSQL_ROOT_PASSWORD=hunterhunter',
    'REDIS_PASS=hunterhunter',
    'SMTP_PASSWORD="hunterhunter"',
    "SMTP_PASSWORD='hunterhunter'",
    'MONGO_INITDB_ROOT_PASSWORD=Correcthorsebattery',
    'MQTT_PWD=CORRECTHORSEBATTERY',
    'SSH_PASSPHRASE=correcthorsebattery',
    'A=1\nDB_PASSWORD=hunterhunter\nB=2',
    'A=1\r\nDB_PASSWORD=hunterhunter\r\nB=2',
    'DB_PASSWORD=hunterhunter # for staging',
    'DB_PASSWORD=hunterhunter  ',
    'APP_2_DB_PASSWORD=hunterhunter',
    'KEY_STORE_PASSWORD=correcthorsebattery',
    'ADMIN_PASSWORD=hunterhunter\nUSER_NAME=app',
    'Server=db.internal;Database=shop;User Id=app;Password=hunterhunter;',
    'Server=db.internal;User Id=app;Pwd=hunterhunter;Encrypt=True',
    'Data Source=db;Initial Catalog=shop;User ID=sa;Password=correcthorsebattery',
    '"Default": "Host=db;Username=app;Password=hunterhunter"',
    "dsn: 'Driver={PostgreSQL};Server=db;Uid=app;Pwd=correcthorsebattery;'",
    'jdbc:sqlserver://db:1433;databaseName=shop;user=app;password=hunterhunter;',
    'Host=db; Username=app; Password=hunterhunter; Port=5432',
  ])('takes a password of letters alone out of %j', (text) => {
    expect(redact(text)).toMatch(/\[redacted: (?:database )?password\]/);
    expect(redact(text)).not.toMatch(/hunterhunter|correcthorsebattery/i);
  });

  it('takes out the password where the same word stands in the comment behind it', () => {
    expect(redact('DB_PASSWORD=hunterhunter # hunterhunter for staging')).toBe(
      'DB_PASSWORD=[redacted: password] # hunterhunter for staging',
    );
  });

  it.each([
    'PASSWORD=password',
    'DB_PASSWORD=required',
    'DB_PASSWORD=changeme',
    'DB_PASSWORD=placeholder',
    'DB_PASSWORD=yourpassword',
    'DB_PASSWORD=undefined',
    'DB_PASSWORD=disabled',
    'DB_PASSWORD=generated',
    'DB_PASSWORD=examplevalue',
    'DB_PASSWORD=xxxxxxxx',
    'DB_PASSWORD=aaaaaaaa',
    'DB_PASSWORD=',
    'DB_PASSWORD=short',
    'DB_PASSWORD=getPassword',
    'DB_PASSWORD=readLine',
    'DB_PASSWORD=DbSettings',
    'DB_PASSWORD=$(readsecretly)',
    'DB_PASSWORD=$anothervariable',
    'DB_PASSWORD=hunterhunter is what the guide says',
    'const DB_PASSWORD=hunterhunter',
    'PASSWORD = hunterhunter',
    'MIN_PASSWORD_LENGTH=hunterhunter',
    'PASSWORD_POLICY=somewhere',
    'PWD=/home/alice/project',
    'OLDPWD=/home/alice',
    'BYPASS=alwaysalways',
    'password: string',
    'password: correcthorsebattery',
    'password = getPassword()',
    'password: please enter',
    'passwordField',
    'function login(user=app, password=undefined)',
    'f(a=1; password=something_else)',
    'Server=db;User Id=app;Password=yourpassword;',
    'Server=db;User Id=app;Password={password};',
    'Server=db;User Id=app;Integrated Security=SSPI;',
  ])('leaves letters that are no password, or can not be told from a name: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('redacts a key that was cut off in the middle', () => {
    expect(redact(`x -----BEGIN PRIVATE KEY-----\n${random36}\n${random36}`)).toBe('x [redacted: private key]');
  });

  it('finds exact texts beside what looks like a secret', () => {
    const find = createSecretFinder({ literals: [{ text: 'Project X', kind: 'project name' }], detect: true });
    const text = `Project X uses ${secrets[0]?.[0] ?? ''}`;

    expect(replaceFound(text, find(text))).toBe('[redacted: project name] uses [redacted: AWS access key]');
    expect(redactionMarkers(replaceFound(text, find(text)))).toHaveLength(2);
  });
});

describe('RedactingStream', () => {
  const whole = secrets.map(([secret], at) => `line ${at}: ${secret} and more`).join('\n');

  it('gives the same text wherever the pieces are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 40 }), (places) => {
        const cuts = [0, ...[...places].sort((a, b) => a - b), whole.length];
        const stream = new RedactingStream(findSecrets);

        const shown = cuts.slice(1).map((end, at) => stream.push(whole.slice(cuts[at], end)));

        expect(shown.join('') + stream.end()).toBe(redact(whole));
      }),
      { numRuns: 60 },
    );
  });

  it('lets whole lines go at once and holds a key until its end', () => {
    const stream = new RedactingStream(findSecrets);

    expect(stream.push('one\ntwo')).toBe('one\n');
    expect(stream.push('\n-----BEGIN PRIVATE KEY-----\nabc')).toBe('two\n');
    expect(stream.push('def\n')).toBe('');
    expect(stream.push('-----END PRIVATE KEY-----\nafter\n')).toBe('[redacted: private key]\nafter\n');
    expect(stream.end()).toBe('');
  });

  it('finds a secret across the cut of a line that is longer than what it holds', () => {
    const [secret = ''] = secrets[1] ?? [];
    for (const before of [28_640, 28_660, 32_700, 32_760]) {
      const line = `${'x '.repeat(before / 2)}${secret} ${'y '.repeat(20_000)}`;
      const stream = new RedactingStream(findSecrets);

      const out =
        [line.slice(0, 32_769), line.slice(32_769)].map((piece) => stream.push(piece)).join('') + stream.end();

      expect(out).not.toContain(secret.slice(0, 12));
    }
  });
});

describe('Hostile text', () => {
  const size = 200_000;
  const texts: readonly (readonly [name: string, text: string])[] = [
    ['one letter', 'a'.repeat(size)],
    ['beginnings of keys', '-----BEGIN PRIVATE KEY-----'.repeat(size / 27)],
    ['keys without an end', '-----BEGIN PRIVATE KEY-----\nabcdefghijklmnopqrst\n'.repeat(size / 48)],
    ['beginnings of tokens', 'eyJ'.repeat(size / 3)],
    ['beginnings of addresses', 'https://a:'.repeat(size / 10)],
    ['names without values', 'secret_'.repeat(size / 7)],
    ['names with quotes', 'token="'.repeat(size / 7)],
    ['names with blanks', `token${' '.repeat(size)}`],
    ['parts of a variable', 'A_'.repeat(size / 2)],
    ['parts of an address of a database', 'a=b;'.repeat(size / 4)],
    ['dots', 'eyJaaaaaaaaaaa.'.repeat(size / 15)],
  ];

  // A rule that looks again from every place would not be done within the time that a test has.
  it.each(texts)('is looked through: %s', (_, text) => {
    const long = text.repeat(10);

    expect(findSecrets(long).every(({ start, end }) => start < end && end <= long.length)).toBe(true);
  });
});
