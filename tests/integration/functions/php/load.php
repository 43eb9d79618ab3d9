<?php
// SPDX-License-Identifier: Apache-2.0
// Many processes (PHP has no threads), big files, signals, TLS.

function one_process(int $number, int $port): string
{
    $path = "/tmp/process-$number.txt";
    for ($round = 0; $round < 50; $round++) {
        file_put_contents($path, "$number $round");
        if (file_get_contents($path) !== "$number $round") {
            return 'another text';
        }
    }
    unlink($path);
    $out = shell_exec("/bin/echo child $number");
    $socket = stream_socket_client("tcp://127.0.0.1:$port");
    return $out . stream_get_contents($socket);
}

// Forks COUNT times; each child writes files, reads them back, starts a program and connects, and tells over a pipe.
function processes(int $count): array
{
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $port = (int) explode(':', stream_socket_get_name($server, false))[1];
    $children = [];
    for ($i = 0; $i < $count; $i++) {
        $pair = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
        $pid = pcntl_fork();
        if ($pid === 0) {
            fwrite($pair[1], one_process($i, $port));
            fclose($pair[1]);
            posix_kill(getmypid(), SIGKILL);
        }
        fclose($pair[1]);
        $children[$pid] = $pair[0];
    }
    for ($i = 0; $i < $count; $i++) {
        $socket = stream_socket_accept($server, 10);
        fwrite($socket, 'pong');
        fclose($socket);
    }
    $answers = [];
    foreach ($children as $pid => $pipe) {
        $answers[] = stream_get_contents($pipe);
        pcntl_waitpid($pid, $status);
    }
    return $answers;
}

// A file of BYTES is written, summed up, cut, renamed and removed.
function bulk(int $bytes): string
{
    $block = str_repeat('0123456789abcdef', 1 << 16);
    $file = fopen('/tmp/bulk', 'w');
    for ($written = 0; $written < $bytes; $written += strlen($block)) {
        fwrite($file, $block);
    }
    fclose($file);
    clearstatcache();
    $answer = filesize('/tmp/bulk') . ' ' . hash_file('sha256', '/tmp/bulk');
    $file = fopen('/tmp/bulk', 'r+');
    ftruncate($file, 5);
    fclose($file);
    rename('/tmp/bulk', '/tmp/bulk2');
    unlink('/tmp/bulk2');
    return $answer;
}

// COUNT signals to the own process while files are opened.
function signals(int $count): int
{
    $arrived = 0;
    pcntl_async_signals(true);
    pcntl_signal(SIGUSR1, function () use (&$arrived): void {
        $arrived++;
    });
    for ($i = 0; $i < $count; $i++) {
        posix_kill(getmypid(), SIGUSR1);
        file_get_contents('/proc/self/stat');
    }
    pcntl_signal(SIGUSR1, SIG_DFL);
    return $arrived;
}

// A TLS server in a child, and a client of it that trusts its certificate.
function secure(): string
{
    $server = stream_socket_server('tcp://127.0.0.1:0');
    $name = stream_socket_get_name($server, false);
    $pid = pcntl_fork();
    if ($pid === 0) {
        $socket = stream_socket_accept($server, 10);
        stream_context_set_option($socket, ['ssl' => ['local_cert' => '/opt/certificates/certificate.pem', 'local_pk' => '/opt/certificates/key.pem']]);
        stream_socket_enable_crypto($socket, true, STREAM_CRYPTO_METHOD_TLS_SERVER);
        fwrite($socket, 'secure');
        fclose($socket);
        posix_kill(getmypid(), SIGKILL);
    }
    $context = stream_context_create(['ssl' => ['cafile' => '/opt/certificates/certificate.pem', 'verify_peer_name' => false]]);
    $client = stream_socket_client("ssl://$name", $code, $text, 10, STREAM_CLIENT_CONNECT, $context);
    $answer = stream_get_contents($client);
    $protocol = stream_get_meta_data($client)['crypto']['protocol'];
    pcntl_waitpid($pid, $status);
    return "$answer $protocol";
}
