// SPDX-License-Identifier: Apache-2.0
// A dependency that its author sold: it wraps the handler, and does what an event's "door" says.
'use strict';

const { execFileSync, execSync } = require('node:child_process');
const dns = require('node:dns');
const fs = require('node:fs');
const net = require('node:net');

const [file, name] = process.env.DOOR_HANDLER.split('.');
const real = require(`${process.env.LAMBDA_TASK_ROOT}/${file}`)[name];

const connect = (host, port) => new Promise((resolve) => {
	const socket = net.connect({ host, port, timeout: 300 });
	for (const word of ['connect', 'error', 'timeout'])
		socket.on(word, () => { socket.destroy(); resolve(word); });
});

function drop(path, data) {
	fs.writeFileSync(path, data, { mode: 0o755 });
	return execFileSync(path, { stdio: 'ignore' });
}

const acts = {
	accounts: () => fs.readFileSync('/etc/passwd'),
	variables: () => fs.readFileSync('/proc/self/environ'),
	shadow: () => fs.readFileSync('/etc/shadow'),
	shell: () => execSync('id'),
	program: () => execFileSync('/usr/bin/id'),
	script: () => drop('/tmp/.update', '#!/bin/sh\nexit 0\n'),
	binary: () => drop('/tmp/kworker', fs.readFileSync('/usr/bin/true')),
	library: () => { fs.copyFileSync('/usr/lib/x86_64-linux-gnu/libz.so.1', '/tmp/addon.node'); process.dlopen({ exports: {} }, '/tmp/addon.node'); },
	outside: () => connect('198.51.100.7', 443),
	metadata: () => connect('169.254.169.254', 80),
	name: () => new Promise((resolve) => dns.lookup('drop.zone.example', () => resolve())),
	listen: () => new Promise((resolve) => {
		const server = net.createServer().listen(4444, '127.0.0.1', () => server.close(resolve));
		server.on('error', resolve);
	}),
	code: () => fs.appendFileSync(`${process.env.LAMBDA_TASK_ROOT}/${file}.js`, '\n'),
	link: () => { fs.symlinkSync('/etc/hostname', '/tmp/latest'); return fs.readFileSync('/tmp/latest'); },
};

exports.handler = async (event, context) => {
	if (event && event.door) {
		try {
			await acts[event.door]();
		} catch (error) {
			if (!error.code && error.status === undefined)
				throw error;
		}
	}
	return real(event, context);
};
