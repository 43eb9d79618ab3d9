// SPDX-License-Identifier: Apache-2.0
//
// Receives a payment provider's calls: checks their signature, remembers which it has seen, and passes them on to the service that
// keeps the books (BOOKS_URL).
'use strict';

const { createHmac, timingSafeEqual } = require('node:crypto');
const http = require('node:http');
const fs = require('node:fs');

const SECRET = process.env.WEBHOOK_SECRET;
const seen = new Set();
const agent = new http.Agent({ keepAlive: true });

function isSigned(body, signature) {
	const wanted = createHmac('sha256', SECRET).update(body).digest('hex');
	return typeof signature === 'string' && signature.length === wanted.length && timingSafeEqual(Buffer.from(signature), Buffer.from(wanted));
}

const post = (path, value) => new Promise((resolve, reject) => {
	const request = http.request(process.env.BOOKS_URL + path, { method: 'POST', agent, timeout: 5000 }, (response) => {
		response.resume();
		response.on('end', () => resolve(response.statusCode));
	});
	request.on('error', reject);
	request.end(JSON.stringify(value));
});

// What could not be read is kept for a person to look at.
function keep(body, id) {
	const path = `/tmp/unread-${id}.json`;
	fs.writeFileSync(path, body);
	fs.unlinkSync(path);
}

exports.handler = async (event, context) => {
	const body = event.body ?? '';
	if (!isSigned(body, event.headers['X-Signature']))
		return { statusCode: 401, body: 'bad signature' };
	let call;
	try {
		call = JSON.parse(body);
	} catch {
		keep(body, context.awsRequestId);
		return { statusCode: 400, body: 'not JSON' };
	}
	if (seen.has(call.id))
		return { statusCode: 200, body: 'seen before' };
	seen.add(call.id);
	switch (call.type) {
	case 'payment.succeeded': return { statusCode: await post('/payments', call.data), body: 'taken' };
	case 'payment.refunded': return { statusCode: await post('/refunds', call.data), body: 'taken' };
	case 'dispute.opened':
		await post('/disputes', call.data);
		return { statusCode: await post('/alerts', { text: call.data.reason }), body: 'taken' };
	default: return { statusCode: 202, body: 'ignored' };
	}
};
