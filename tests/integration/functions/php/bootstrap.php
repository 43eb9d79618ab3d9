<?php
// SPDX-License-Identifier: Apache-2.0
// A custom runtime in PHP: its curl extension in a loop. The handler is in index.php.
require __DIR__ . '/index.php';

const API = '/2018-06-01/runtime/invocation/';

set_error_handler(function (int $level, string $text): bool {
    throw new ErrorException($text, 0, $level);
});

function ask(CurlHandle $curl, string $path, ?string $body, array &$headers): string
{
    curl_reset($curl);
    $answered = [];
    curl_setopt_array($curl, [
        CURLOPT_URL => 'http://' . getenv('AWS_LAMBDA_RUNTIME_API') . API . $path,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HEADERFUNCTION => function ($_, string $line) use (&$answered): int {
            $pair = explode(':', $line, 2);
            if (count($pair) === 2) {
                $answered[strtolower($pair[0])] = trim($pair[1]);
            }
            return strlen($line);
        },
    ]);
    if ($body !== null) {
        curl_setopt_array($curl, [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $body, CURLOPT_HTTPHEADER => ['Content-Type: application/json']]);
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        fwrite(STDERR, 'runtime: ' . curl_error($curl) . "\n");
        exit(1);
    }
    $headers = $answered;
    return $answer;
}

$headers = [];
for ($curl = curl_init();;) {
    $event = ask($curl, 'next', null, $headers);
    $id = $headers['lambda-runtime-aws-request-id'];
    try {
        $answer = json_encode(handler(json_decode($event, true, 512, JSON_THROW_ON_ERROR)), JSON_THROW_ON_ERROR);
        $end = 'response';
    } catch (Throwable $error) {
        $answer = json_encode(['errorType' => get_class($error), 'errorMessage' => $error->getMessage()]);
        $end = 'error';
    }
    ask($curl, "$id/$end", $answer, $headers);
}
