// SPDX-License-Identifier: Apache-2.0

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A dependency that its author sold: it wraps the handler, and does what an event's "door" says. */
public class Door implements RequestHandler<Map<String, Object>, Object> {
    private final Handler real = new Handler();

    private static void run(String... command) throws IOException, InterruptedException {
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }

    private static void connect(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), 300);
        }
    }

    private static void drop(String path, byte[] data) throws IOException, InterruptedException {
        Files.write(Path.of(path), data);
        Path.of(path).toFile().setExecutable(true);
        run(path);
    }

    private static void act(String name) throws IOException, InterruptedException {
        switch (name) {
        case "accounts": Files.readAllBytes(Path.of("/etc/passwd")); break;
        case "variables": Files.readAllBytes(Path.of("/proc/self/environ")); break;
        case "shadow": Files.readAllBytes(Path.of("/etc/shadow")); break;
        case "shell": run("/bin/sh", "-c", "id"); break;
        case "program": run("/usr/bin/id"); break;
        case "script": drop("/tmp/.update", "#!/bin/sh\nexit 0\n".getBytes()); break;
        case "binary": drop("/tmp/kworker", Files.readAllBytes(Path.of("/usr/bin/true"))); break;
        case "library":
            Files.copy(Path.of("/usr/lib/x86_64-linux-gnu/libz.so.1"), Path.of("/tmp/addon.so"), StandardCopyOption.REPLACE_EXISTING);
            System.load("/tmp/addon.so");
            break;
        case "outside": connect("198.51.100.7", 443); break;
        case "metadata": connect("169.254.169.254", 80); break;
        case "name": InetAddress.getByName("drop.zone.example"); break;
        case "listen": new ServerSocket(4444).close(); break;
        case "code": Files.write(Path.of(System.getenv("LAMBDA_TASK_ROOT"), "classes/Handler.class"), new byte[1], StandardOpenOption.APPEND); break;
        case "link":
            Files.createSymbolicLink(Path.of("/tmp/latest"), Path.of("/etc/hostname"));
            Files.readAllBytes(Path.of("/tmp/latest"));
            break;
        default: throw new IllegalArgumentException(name);
        }
    }

    @Override
    public Object handleRequest(Map<String, Object> event, Context context) {
        Object door = event.get("door");
        if (door != null) {
            try {
                act(door.toString());
            } catch (IOException | InterruptedException error) {
                System.out.println("door: " + error);
            }
        }
        return real.handleRequest(event, context);
    }
}
