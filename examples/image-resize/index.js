// SPDX-License-Identifier: Apache-2.0
//
// A posted picture in another size and format (sharp).
'use strict';

const fs = require('node:fs/promises');
const sharp = require('sharp');

const FORMATS = ['png', 'jpeg', 'webp'];

exports.handler = async (event, context) => {
	const query = event.queryStringParameters ?? {};
	const width = Number(query.width ?? 100);
	const format = query.format ?? 'jpeg';
	if (!Number.isInteger(width) || width < 1 || width > 2000 || !FORMATS.includes(format))
		return { statusCode: 400, body: 'width or format is wrong' };
	const path = `/tmp/upload-${context.awsRequestId}`;
	await fs.writeFile(path, Buffer.from(event.body ?? '', 'base64'));
	try {
		const { data, info } = await sharp(path).rotate().resize(width, null, { withoutEnlargement: true }).toFormat(format).toBuffer({ resolveWithObject: true });
		return {
			statusCode: 200, isBase64Encoded: true, body: data.toString('base64'),
			headers: { 'Content-Type': `image/${format}`, 'X-Size': `${info.width}x${info.height}` },
		};
	} catch (error) {
		return { statusCode: 422, body: `no picture: ${error.message}` };
	} finally {
		await fs.unlink(path);
	}
};
