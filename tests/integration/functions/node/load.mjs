// SPDX-License-Identifier: Apache-2.0
// Threads, big files, signals.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

async function oneThread({ number, port }) {
  const path = `/tmp/thread-${number}.txt`;
  for (let round = 0; round < 50; round++) {
    writeFileSync(path, `${number} ${round}`);
    if (readFileSync(path, 'utf8') !== `${number} ${round}`) return 'another text';
  }
  unlinkSync(path);
  const out = execFileSync('/bin/echo', ['child', String(number)]).toString();
  const socket = net.connect(port, '127.0.0.1');
  const [pong] = await once(socket, 'data');
  socket.destroy();
  return out + pong;
}

// Each of COUNT threads writes files, reads them back, starts a program and connects.
export async function threads(count) {
  const server = net.createServer((socket) => socket.end('pong'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answers = await Promise.all(Array.from({ length: count }, async (_, number) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { number, port: server.address().port } });
    const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    return answer;
  }));
  server.close();
  return answers;
}

// A file of BYTES is written, summed up, cut, renamed and removed.
export async function bulk(bytes) {
  const block = Buffer.alloc(1 << 20, Buffer.from(Array.from({ length: 256 }, (_, i) => (i * 7) & 0xff)));
  const file = openSync('/tmp/bulk', 'w');
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
  const sum = createHash('sha256');
  let size = 0;
  for await (const part of createReadStream('/tmp/bulk')) {
    sum.update(part);
    size += part.length;
  }
  truncateSync('/tmp/bulk', 5);
  renameSync('/tmp/bulk', '/tmp/bulk2');
  unlinkSync('/tmp/bulk2');
  return `${size} ${sum.digest('hex')}`;
}

// COUNT signals to the own process while files are opened, each waited for.
export async function signals(count) {
  const alive = setInterval(() => {}, 1000); // a handler of signals alone does not keep Node waiting
  for (let i = 0; i < count; i++) {
    const arrived = once(process, 'SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    readFileSync('/proc/self/stat');
    await arrived;
  }
  clearInterval(alive);
  return count;
}

if (!isMainThread && workerData?.port) parentPort.postMessage(await oneThread(workerData));
