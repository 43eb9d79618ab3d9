// SPDX-License-Identifier: Apache-2.0
//
// The most frequent words of a text, counted by a pipeline of the shell. How many are wanted goes into the command as it
// comes: the mistake in this one.
'use strict';

const { execSync } = require('node:child_process');
const fs = require('node:fs');

exports.handler = async (event, context) => {
	const query = event.queryStringParameters ?? {};
	const path = `/tmp/${context.awsRequestId}.txt`;
	fs.writeFileSync(path, event.body ?? '');
	try {
		const fold = query.fold ? "| tr A-Z a-z " : '';
		const out = execSync(`tr -cs "A-Za-z" "\\n" < ${path} ${fold}| sort | uniq -c | sort -rn | head -n ${query.top ?? 10}`, { timeout: 10000 });
		const rows = out.toString().split('\n').map((line) => line.trim().split(' ')).filter((row) => row.length === 2);
		return { statusCode: 200, body: JSON.stringify(rows) };
	} catch (error) {
		return { statusCode: 500, body: 'the text could not be counted' };
	} finally {
		fs.unlinkSync(path);
	}
};
