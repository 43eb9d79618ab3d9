// SPDX-License-Identifier: Apache-2.0
// The Node function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
import { execSync, execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { bulk, signals, threads } from './load.mjs';

const html = (text) => ({ statusCode: 200, headers: { 'Content-Type': 'text/html' }, body: text });
const shell = (text) => execSync(text, { timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] }).toString();

// "What does the document at this address say?" The address goes to a shell.
const convert = (url) => shell(`curl --silent --max-time 2 -L ${url} | cat -`);

const operations = {
  echo: (event) => event,
  log: (event) => { console.log(event.text); return 'logged'; },
  big: (event) => 'x'.repeat(event.bytes),
  throw: (event) => { throw new TypeError(event.message); },
  exit: (event) => process.exit(event.status),
  kill: (event) => process.kill(process.pid, event.signal),
  spawn: (event) => {
    const done = spawnSync(event.command[0], event.command.slice(1), { env: event.env, input: event.input ?? '' });
    return { status: done.status, out: String(done.stdout), error: done.error?.code };
  },
  file: (event) => { writeFileSync(event.path, event.text); return readFileSync(event.path, 'utf8'); },
  read: (event) => readFileSync(event.path, 'utf8'),
  connect: (event) => new Promise((resolve) => {
    const socket = net.connect(event.port, '127.0.0.1', () => socket.write('ping'));
    socket.on('data', (data) => { socket.destroy(); resolve(String(data)); });
    socket.on('error', (error) => resolve(error.code));
  }),
  tls: () => new Promise((resolve, reject) => {
    const read = (name) => readFileSync(`/opt/certificates/${name}.pem`);
    const server = https.createServer({ key: read('key'), cert: read('certificate') }, (_, response) => response.end('secure'));
    server.listen(0, '127.0.0.1', () => {
      const options = { port: server.address().port, host: '127.0.0.1', ca: read('certificate'), checkServerIdentity: () => undefined };
      https.get({ ...options, agent: false }, (response) => {
        let text = '';
        response.on('data', (data) => { text += data; });
        response.on('end', () => { server.close(); resolve([text, response.statusCode, tls.DEFAULT_MIN_VERSION]); });
      }).on('error', reject);
    });
  }),
  threads: (event) => threads(event.count),
  bulk: (event) => bulk(event.bytes),
  signals: (event) => signals(event.count),
  descriptors: () => execFileSync('/bin/sh', ['-c', 'echo $LD_PRELOAD']).toString(),
};

export async function handler(event) {
  const record = event?.Records?.[0];
  if (record?.eventSource === 'aws:sqs') return { converted: convert(JSON.parse(record.body).document_url) };
  if (record?.eventSource === 'aws:s3') {
    const key = decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '));
    return { listed: shell(`ls -d /tmp/${key} 2>/dev/null || echo none`) };
  }
  if (event?.queryStringParameters?.document_url) return html(convert(event.queryStringParameters.document_url));
  if (event?.queryStringParameters?.file) return html(readFileSync(`/opt/test/functions/node/docs/${event.queryStringParameters.file}`, 'utf8'));
  return operations[event?.op ?? 'echo'](event);
}

export const stream = globalThis.awslambda?.streamifyResponse(async (event, response) => {
  for (let i = 0; i < event.chunks; i++) {
    response.write(`chunk ${i} ${'y'.repeat(event.bytes)}\n`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (event.fail === i) throw new RangeError('in the middle');
  }
  response.end();
});
