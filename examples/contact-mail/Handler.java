// SPDX-License-Identifier: Apache-2.0

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A form on a page becomes a letter (SMTP). A letter that cannot be sent at once is put down in /tmp. */
public class Handler implements RequestHandler<Map<String, Object>, Object> {
    private static final String SENDER = "forms@example.com", OFFICE = "office@example.com";

    private static Map<String, String> form(String body) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String pair : body.split("&")) {
            int at = pair.indexOf('=');
            if (at > 0)
                fields.put(pair.substring(0, at), URLDecoder.decode(pair.substring(at + 1), StandardCharsets.UTF_8));
        }
        return fields;
    }

    private static void say(Writer out, BufferedReader in, String line) throws IOException {
        out.write(line + "\r\n");
        out.flush();
        String answer = in.readLine();
        if (answer == null || answer.charAt(0) > '3')
            throw new IOException("the mail server says " + answer);
    }

    private static void send(String letter) throws IOException {
        String[] server = System.getenv("MAIL_SERVER").split(":");
        try (Socket socket = new Socket(InetAddress.getByName(server[0]), Integer.parseInt(server[1]))) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
            in.readLine();
            for (String line : new String[] {"HELO forms", "MAIL FROM:<" + SENDER + ">", "RCPT TO:<" + OFFICE + ">", "DATA"})
                say(out, in, line);
            say(out, in, letter.replace("\n", "\r\n").replace("\r\n.", "\r\n..") + "\r\n.");
            say(out, in, "QUIT");
        }
    }

    @Override
    public Object handleRequest(Map<String, Object> event, Context context) {
        Map<String, String> fields = form(String.valueOf(event.get("body")));
        String from = fields.getOrDefault("email", ""), text = fields.getOrDefault("message", "");
        if (!from.contains("@") || text.isEmpty())
            return Map.of("statusCode", 400, "body", "address or message is missing");
        String letter = "From: " + SENDER + "\nTo: " + OFFICE + "\nReply-To: " + from + "\nSubject: " + fields.getOrDefault("subject", "(none)") + "\n\n" + text;
        try {
            if (text.length() > 4000) {
                Path file = Files.createTempFile(Path.of("/tmp"), "letter-", ".eml");
                Files.writeString(file, letter);
                Files.delete(file);
            }
            send(letter);
            return Map.of("statusCode", 303, "headers", Map.of("Location", "/thanks"));
        } catch (IOException error) {
            return Map.of("statusCode", 502, "body", error.getMessage());
        }
    }
}
