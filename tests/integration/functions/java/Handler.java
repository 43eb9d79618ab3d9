// SPDX-License-Identifier: Apache-2.0

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Java function of the integration tests: what it does is asked for by the event. Vulnerable on purpose. */
public class Handler implements RequestHandler<Object, Object> {
    private static final String DOCUMENTS = "/opt/test/functions/java/docs/";
    private static final Pattern ADDRESS = Pattern.compile("\"document_url\" *: *\"((?:[^\"\\\\]|\\\\.)*)\"");

    static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }

    private static String shell(String text) throws Exception {
        return output("/bin/sh", "-c", text);
    }

    /** "What does the document at this address say?" The address goes to a shell. */
    private static String convert(String address) throws Exception {
        return shell("curl --silent --max-time 2 -L " + address + " | cat -");
    }

    private static Object spawn(Map<String, Object> event) throws Exception {
        List<String> command = list(event.get("command"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, Object> answer = new LinkedHashMap<>();
        Map<String, Object> environment = map(event.get("env"));
        if (environment != null) {
            builder.environment().clear();
            environment.forEach((name, value) -> builder.environment().put(name, String.valueOf(value)));
        }
        try {
            Process process = builder.start();
            try (var input = process.getOutputStream()) {
                input.write(String.valueOf(event.getOrDefault("input", "")).getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                answer.put("input", "not read");
            }
            answer.put("out", new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            answer.put("status", process.waitFor());
            answer.remove("input");
        } catch (IOException e) {
            answer.put("error", e.getMessage());
        }
        return answer;
    }

    private static Object connect(int port) {
        try (Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port)) {
            byte[] answer = new byte[64];
            socket.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(answer, 0, in.read(answer), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static Object operation(Map<String, Object> event, Context context) throws Exception {
        switch (String.valueOf(event.get("op"))) {
            case "big": return "x".repeat(number(event.get("bytes")));
            case "throw": throw new IllegalArgumentException((String) event.get("message"));
            case "log": System.out.println(event.get("text")); return "logged";
            case "file": Files.writeString(path(event), (String) event.get("text")); return Files.readString(path(event));
            case "read": return Files.readString(path(event));
            case "spawn": return spawn(event);
            case "connect": return connect(number(event.get("port")));
            case "threads": return Load.threads(number(event.get("count")));
            case "bulk": return Load.bulk(number(event.get("bytes")));
            case "tls": return Load.tls();
            default: return event;
        }
    }

    private static Path path(Map<String, Object> event) {
        return Path.of((String) event.get("path"));
    }

    private static int number(Object value) {
        return ((Number) value).intValue();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : null;
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> list(Object value) {
        return value instanceof List ? (List<T>) value : List.of();
    }

    private static Object handle(Object input, Context context) throws Exception {
        Map<String, Object> event = map(input);
        if (event == null)
            return input;
        List<Object> records = list(event.get("Records"));
        Map<String, Object> record = records.isEmpty() ? Map.of() : map(records.get(0));
        Map<String, Object> query = map(event.get("queryStringParameters"));
        if ("aws:sqs".equals(record.get("eventSource"))) {
            Matcher found = ADDRESS.matcher((String) record.get("body"));
            return Map.of("converted", found.find() ? convert(found.group(1)) : "");
        }
        if ("aws:s3".equals(record.get("eventSource"))) {
            String key = (String) map(map(record.get("s3")).get("object")).get("key");
            return Map.of("listed", shell("ls -d /tmp/" + URLDecoder.decode(key, StandardCharsets.UTF_8) + " 2>/dev/null || echo none"));
        }
        if (query != null && query.containsKey("document_url"))
            return Map.of("body", convert((String) query.get("document_url")));
        if (query != null && query.containsKey("file"))
            return Map.of("body", Files.readString(Path.of(DOCUMENTS + query.get("file"))));
        return operation(event, context);
    }

    @Override
    public Object handleRequest(Object input, Context context) {
        try {
            return handle(input, context);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
