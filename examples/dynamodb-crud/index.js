// SPDX-License-Identifier: Apache-2.0
//
// Notes in a table: made, read, changed, deleted, listed (AWS SDK for JavaScript, version 3).
'use strict';

const { randomUUID } = require('node:crypto');
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient, DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } = require('@aws-sdk/lib-dynamodb');

const table = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 2 }));
const TableName = process.env.TABLE;

const answer = (statusCode, value) => ({ statusCode, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) });

exports.handler = async (event) => {
	const owner = event.requestContext.authorizer?.claims?.sub ?? 'nobody';
	const id = event.pathParameters?.id;
	switch (`${event.httpMethod} ${event.resource}`) {
	case 'POST /notes': {
		const { title, text } = JSON.parse(event.body);
		const note = { owner, id: randomUUID(), title, text, made: Date.now() };
		await table.send(new PutCommand({ TableName, Item: note }));
		return answer(201, note);
	}
	case 'GET /notes': {
		const found = await table.send(new QueryCommand({
			TableName, Limit: 20, KeyConditionExpression: '#o = :o', ExpressionAttributeNames: { '#o': 'owner' }, ExpressionAttributeValues: { ':o': owner },
		}));
		return answer(200, found.Items);
	}
	case 'GET /notes/{id}': {
		const { Item } = await table.send(new GetCommand({ TableName, Key: { owner, id } }));
		return Item ? answer(200, Item) : answer(404, { message: 'no such note' });
	}
	case 'PUT /notes/{id}':
		await table.send(new UpdateCommand({
			TableName, Key: { owner, id }, UpdateExpression: 'SET #t = :t', ExpressionAttributeNames: { '#t': 'text' },
			ExpressionAttributeValues: { ':t': JSON.parse(event.body).text },
		}));
		return answer(204, null);
	case 'DELETE /notes/{id}':
		await table.send(new DeleteCommand({ TableName, Key: { owner, id } }));
		return answer(204, null);
	default:
		return answer(405, { message: 'not offered' });
	}
};
