// SPDX-License-Identifier: Apache-2.0
//
// A document converter with a hole in it, for demonstrations: give it ?document_url=… and it answers with the document's
// text. The address goes unquoted into a shell command, which is the mistake to be shown. Never deploy it unprotected.
'use strict';

const { execSync } = require('node:child_process');

function convert(documentUrl) {
	return execSync(`./bin/curl --silent -L ${documentUrl} | ./bin/catdoc -`, { cwd: __dirname, stdio: ['ignore', 'pipe', 'pipe'] });
}

function answer(statusCode, body) {
	return { statusCode, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body };
}

exports.handler = async (event) => {
	const documentUrl = event.queryStringParameters && event.queryStringParameters.document_url;

	if (!documentUrl)
		return answer(400, 'document_url is missing');
	try {
		return answer(200, convert(documentUrl).toString());
	} catch (error) {
		console.error(`conversion failed: ${error.message}`);
		return answer(500, 'the document could not be converted');
	}
};
