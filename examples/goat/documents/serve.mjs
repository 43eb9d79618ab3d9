// SPDX-License-Identifier: Apache-2.0
//
// node serve.mjs: the Internet of the demonstration. An HTTP proxy on 127.0.0.1 that knows one host, documents.example,
// which has the files beside this one; everything else is 404, and printed on standard error: that is what an attacker's
// server would have got. Prints its port, runs until it is killed. The function is pointed at it by http_proxy, so
// nothing ever leaves the machine.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));

function documentOf(requestUrl) {
	try {
		const url = new URL(requestUrl, 'http://documents.example');
		const name = path.basename(decodeURIComponent(url.pathname));

		return url.hostname === 'documents.example' && name.endsWith('.html') ? fs.readFileSync(path.join(folder, name)) : null;
	} catch {
		return null;
	}
}

const server = http.createServer((request, response) => {
	const document = documentOf(request.url);

	if (!document && !request.url.startsWith('http://documents.example/'))
		console.error(request.url);
	response.writeHead(document ? 200 : 404, { 'Content-Type': 'text/html', Connection: 'close' });
	response.end(document ?? '');
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
