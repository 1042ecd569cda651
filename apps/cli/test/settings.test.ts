import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bhiv } from './helpers/bhiv.ts';
import { Room } from './helpers/room.ts';

const TOKEN = 'a-token-that-nobody-may-see';
const STATS =
  '{"stats":{"total_events":7,"agents_with_context":0,"tracked_agents":[]},"integration_status":"active"}';

let room: Room;
const servers: Server[] = [];
beforeAll(async () => {
  room = await Room.open();
});
afterAll(async () => {
  for (const server of servers) server.close();
  await room.close();
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

/** A gateway that wants the token, and that in its anger tells everything it was sent. */
const gateway: RequestListener = (request, response) => {
  request.resume();
  const { authorization } = request.headers;
  if (authorization === `Bearer ${TOKEN}`) return response.end(STATS);
  response.statusCode = 401;
  const error = {
    code: 'host_not_allowed',
    message: `no entry with ${authorization}`,
    details: { authorization },
  };
  return response.end(JSON.stringify({ error }));
};

describe('a setting is looked for', () => {
  let config: string;
  beforeAll(() => {
    config = room.write(
      'home/.config/bhiv/config.json',
      JSON.stringify({ url: 'http://127.0.0.1:9/config' }),
    );
  });

  test('by flag, then in the environment, then in the config file', async () => {
    const url = async (args: string[], env: Record<string, string>) => {
      const { stderr } = await bhiv(['stats', '--debug', ...args], {
        env: { HOME: room.at('home'), ...env },
      });
      return /^debug: url (.*)$/m.exec(stderr)?.[1];
    };
    const [a, b] = ['http://127.0.0.1:9/a', 'http://127.0.0.1:9/b'];
    const urls = await Promise.all([
      url(['--url', a], { BHIV_BUCKET_URL: b }),
      url([], { BHIV_BUCKET_URL: a, BUCKET_URL: b }),
      url([], { BUCKET_URL: b, BHIV_BUCKET_URL: '' }),
      url([], {}),
      url([], { XDG_CONFIG_HOME: room.path }),
    ]);
    expect(urls).toEqual([
      ...[`${a} (--url)`, `${a} (BHIV_BUCKET_URL)`, `${b} (BUCKET_URL)`],
      ...[`http://127.0.0.1:9/config (${config})`, 'http://127.0.0.1:8001 (default)'],
    ]);
  });

  test('relative files in the config file count from its folder', async () => {
    room.write('elsewhere/token', `${TOKEN}\n`);
    const address = await listen(createHttpServer(gateway));
    const file = room.write(
      'elsewhere/bhiv.json',
      JSON.stringify({ url: `http://${address}`, token_file: 'token', registry: 'models.db' }),
    );
    const { stdout, stderr } = await bhiv(['stats', '--config', file, '--debug', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ stats: { total_events: 7 } });
    expect(stderr).toContain(`registry ${room.at('elsewhere/models.db')}`);
  });

  test.each([
    ['{"token": "a-token-that-nobody-may-see", broken', 'is no JSON object'],
    ['["a-token-that-nobody-may-see"]', 'is no JSON object'],
    ['{"url": 5, "token": "a-token-that-nobody-may-see"}', '"url" in'],
  ])('and a config file that cannot be meant is named, not shown: %s', async (text, words) => {
    const file = room.write('bad.json', text);
    const { status, stderr } = await bhiv(['stats', '--debug'], { env: { BHIV_CONFIG: file } });
    expect(status).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).toContain(file);
    expect(stderr).not.toContain(TOKEN);
  });

  test('and one that was named must be there; a key that nobody knows is warned of', async () => {
    expect((await bhiv(['stats', '--config', room.at('none.json')])).status).toBe(2);
    const file = room.write('odd.json', JSON.stringify({ url: room.url, colour: 'red' }));
    const { status, stderr } = await bhiv(['stats', '--config', file]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: .* sets "colour"/);
  });
});

test('a config file that holds a token and is read by others gets a warning', async () => {
  const warnings = async (mode: number) => {
    const file = room.write(`token-${mode}.json`, JSON.stringify({ url: room.url, token: TOKEN }));
    chmodSync(file, mode);
    const { stderr } = await bhiv(['stats', '--config', file]);
    return stderr.match(/^warning: .*others may read it/gm)?.length ?? 0;
  };
  expect(await Promise.all([0o644, 0o640, 0o600].map(warnings))).toEqual([1, 1, 0]);
});

describe('a token', () => {
  let url: string;
  beforeAll(async () => {
    url = `http://${await listen(createHttpServer(gateway))}`;
  });

  test('goes to the gateway, wherever it is set', async () => {
    const file = room.write('token', `${TOKEN}\n`);
    const ended = await Promise.all([
      bhiv(['stats', '--url', url, '--token', TOKEN]),
      bhiv(['stats', '--url', url, '--token-file', file], { env: { BHIV_TOKEN: 'another one' } }),
      bhiv(['stats', '--url', url], { env: { BHIV_TOKEN: TOKEN, BHIV_TOKEN_FILE: file } }),
      bhiv(['stats', '--url', url], { env: { BHIV_TOKEN_FILE: file } }),
    ]);
    for (const { status, stderr } of ended) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('is printed nowhere, whatever fails and however much is asked for', async () => {
    const wrong = `${TOKEN}"\\ä`; // what JSON and HTTP would write otherwise
    const withPassword = url.replace('//', `//someone:${TOKEN}%21@`);
    const calls: [string[], Record<string, string>][] = [
      [['stats', '--token', `${TOKEN}2`, '--url', url], {}],
      [['head', 'a/b@v1', '--url', url], { BHIV_TOKEN: `${TOKEN}2` }],
      [['stats', '--url', withPassword], {}],
      [['head', 'a/b@v1', '--url', withPassword], {}],
      [['stats', '--url', `ftp://someone:${TOKEN}@host`], {}],
      [['versions', 'a/b', '--url', url], { BHIV_TOKEN: wrong }],
      [['stats', '--url', url], { BHIV_TOKEN: wrong }],
      [['ls', '--registry', '/nonexistent/no', '--no-such-flag', '--token', TOKEN], {}],
      [['alias', 'set', '--token', TOKEN], {}],
    ];
    const all = calls.flatMap(([args, env]) =>
      [['--debug'], ['--json', '--debug']].map((more) => bhiv([...args, ...more], { env })),
    );
    for (const { status, stdout, stderr } of await Promise.all(all)) {
      expect(status).not.toBe(0);
      expect(`${stdout}${stderr}`).not.toContain(TOKEN);
      expect(`${stdout}${stderr}`).not.toContain(Buffer.from(TOKEN).toString('base64').slice(4, 20));
      expect(stderr).not.toBe('');
    }
  });

  test('is masked in results too, which stay what they are', async () => {
    const doctor = ['doctor', '--no-core', '--token', `${TOKEN}2`, '--url', url];
    const [plain, json] = await Promise.all([bhiv(doctor), bhiv([...doctor, '--json'])]);
    expect(plain.stdout).toContain('[FAIL] Bucket Status: failed (no entry with Bearer ***)');
    expect(JSON.parse(json.stdout)).toMatchObject({
      checks: [{ ok: false, text: 'Bucket Status: failed (no entry with Bearer ***)' }],
    });
    for (const { stdout, stderr } of [plain, json]) expect(`${stdout}${stderr}`).not.toContain(TOKEN);
    // what has some of a short password in it by chance is not masked
    const open = await listen(createHttpServer((_request, response) => response.end(STATS)));
    const short = await bhiv(['stats', '--json', '--url', `http://me:st@${open}`]);
    expect(JSON.parse(short.stdout)).toEqual(JSON.parse(STATS));
  });

  test.each([
    'http://u:pa/sswordlong@127.0.0.1:8077',
    'http://u:pa#sswordlong@127.0.0.1:8077',
    'http:u:pa-sswordlong@127.0.0.1:99999',
    'u:pa?sswordlong@127.0.0.1:8077',
    'u:passwordlong%40127.0.0.1:8077',
    'https://u:pa@sswordlong@a b',
  ])('is not shown of a URL that cannot be meant: %s', async (wrong) => {
    for (const more of [[], ['--json', '--debug']]) {
      const { status, stdout, stderr } = await bhiv(['stats', ...more, '--url', wrong]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/--url is \\?"(https?:\/\/)?\*\*\*@(127\.0\.0\.1|a b)/);
      expect(stderr).not.toMatch(/pa\W|ssword/);
    }
  });

  test('that is missing is asked for', async () => {
    const { stderr } = await bhiv(['stats', '--url', url]);
    expect(stderr).toContain('--token-file');
  });
});

describe('over TLS', () => {
  const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const [cert, key] = [fixture('server.cert.pem'), fixture('server.key.pem')];
  let url: string;
  beforeAll(async () => {
    const pem = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(cert) };
    const server = createHttpsServer(
      { ...pem, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        request.resume();
        const { authorized } = request.socket as TLSSocket; // those of an https server are
        if (request.url?.startsWith('/core')) return response.end(STATS.replace('7', authorized ? '1' : '0'));
        response.statusCode = 403;
        return response.end(`client certificate: ${authorized}`);
      },
    );
    url = `https://${await listen(server)}`;
  });

  test('a CA of one’s own is trusted, a client certificate is shown, in every kind of call', async () => {
    const none = await bhiv(['stats', '--url', url]);
    expect(none.status).toBe(6);
    expect(none.stderr).toContain('certificate');
    const env = { BHIV_BUCKET_URL: url, BHIV_CA: cert };
    expect((await bhiv(['stats'], { env })).stdout).toMatch(/^events +0$/m);
    expect((await bhiv(['stats', '--cert', cert, '--key', key], { env })).stdout).toMatch(/^events +1$/m);
    const both = { ...env, BHIV_CERT: cert, BHIV_KEY: key };
    expect((await bhiv(['versions', 'a/b'], { env: both })).stderr).toContain('client certificate: true');
  });

  test('a key is printed nowhere', async () => {
    const broken = room.write('broken.pem', readFileSync(key, 'utf8').replace('-----BEGIN', '-----BEGUN'));
    const secret = readFileSync(key, 'utf8').split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    for (const command of ['stats', 'versions a/b']) {
      const args = [
        ...command.split(' '),
        '--url',
        url,
        '--ca',
        cert,
        '--cert',
        cert,
        '--key',
        broken,
        '--debug',
      ];
      const { status, stderr } = await bhiv(args);
      expect(status).not.toBe(0);
      expect(stderr).not.toContain(secret);
    }
    const { status, stderr } = await bhiv(['stats', '--url', url, '--key', room.at('none.pem')]);
    expect(status).toBe(1);
    expect(stderr).toContain(`${room.at('none.pem')}, named by --key, cannot be read (ENOENT)`);
  });
});
