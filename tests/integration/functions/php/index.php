<?php
// SPDX-License-Identifier: Apache-2.0
// The PHP function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
require __DIR__ . '/load.php';

// "What does the document at this address say?" The address goes to a shell.
function convert(string $address): string
{
    return (string) shell_exec("curl --silent --max-time 2 -L $address | cat -");
}

function spawn(array $event): array
{
    $process = proc_open($event['command'], [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes, null, $event['env'] ?? null);
    try {
        fwrite($pipes[0], $event['input'] ?? '');
    } catch (ErrorException) {
        // It does not read.
    }
    fclose($pipes[0]);
    $out = stream_get_contents($pipes[1]);
    return ['status' => proc_close($process), 'out' => $out];
}

function connect(int $port): string
{
    try {
        $socket = stream_socket_client("tcp://127.0.0.1:$port", $code, $text, 3);
    } catch (ErrorException $error) {
        return $error->getMessage();
    }
    fwrite($socket, 'ping');
    return fread($socket, 64);
}

function operation(array $event): mixed
{
    switch ($event['op'] ?? 'echo') {
        case 'big': return str_repeat('x', $event['bytes']);
        case 'throw': throw new DomainException($event['message']);
        case 'log': echo $event['text'], "\n"; return 'logged';
        case 'file': file_put_contents($event['path'], $event['text']); return file_get_contents($event['path']);
        case 'read': return file_get_contents($event['path']);
        case 'spawn': return spawn($event);
        case 'connect': return connect($event['port']);
        case 'threads': return processes($event['count']);
        case 'bulk': return bulk($event['bytes']);
        case 'signals': return signals($event['count']);
        case 'tls': return secure();
        default: return $event;
    }
}

function handler(mixed $event): mixed
{
    if (!is_array($event)) {
        return $event;
    }
    $record = $event['Records'][0] ?? [];
    $query = $event['queryStringParameters'] ?? [];
    if (($record['eventSource'] ?? '') === 'aws:sqs') {
        return ['converted' => convert(json_decode($record['body'], true)['document_url'])];
    }
    if (($record['eventSource'] ?? '') === 'aws:s3') {
        $key = urldecode($record['s3']['object']['key']);
        return ['listed' => shell_exec("ls -d /tmp/$key 2>/dev/null || echo none")];
    }
    if (isset($query['document_url'])) {
        return ['statusCode' => 200, 'body' => convert($query['document_url'])];
    }
    if (isset($query['file'])) {
        return ['statusCode' => 200, 'body' => file_get_contents(__DIR__ . "/docs/{$query['file']}")];
    }
    return operation($event);
}
