// SPDX-License-Identifier: Apache-2.0
// Greets. The smallest function there is, for a first try.
export const handler = async (event) => {
	console.log('greeting %s', event.name ?? 'world');
	return { statusCode: 200, body: JSON.stringify({ greeting: `Hello, ${event.name ?? 'world'}` }) };
};
