// SPDX-License-Identifier: Apache-2.0

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Threads, big files, TLS. */
final class Load {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private Load() {
    }

    private static String oneThread(int number, int port) throws Exception {
        Path path = Path.of("/tmp/thread-" + number + ".txt");
        for (int round = 0; round < 50; round++) {
            String text = number + " " + round;
            Files.writeString(path, text);
            if (!Files.readString(path).equals(text))
                return "another text";
        }
        Files.delete(path);
        String out = Handler.output("/bin/echo", "child", String.valueOf(number));
        try (Socket socket = new Socket(LOOPBACK, port)) {
            return out + new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /** Each of COUNT threads writes files, reads them back, starts a program and connects. */
    static Object threads(int count) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(count + 1);
        List<String> answers = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 50, LOOPBACK)) {
            List<Future<String>> running = new ArrayList<>();
            pool.submit(() -> {
                for (int i = 0; i < count; i++) {
                    try (Socket socket = server.accept()) {
                        socket.getOutputStream().write("pong".getBytes(StandardCharsets.US_ASCII));
                    }
                }
                return null;
            });
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(pool.submit(() -> oneThread(number, server.getLocalPort())));
            }
            for (Future<String> one : running)
                answers.add(one.get());
        } finally {
            pool.shutdownNow();
        }
        return answers;
    }

    /** A file of BYTES is written, summed up and removed. */
    static Object bulk(int bytes) throws Exception {
        Path path = Path.of("/tmp/bulk");
        byte[] block = new byte[1 << 20];
        MessageDigest sum = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < block.length; i++)
            block[i] = (byte) (i * 7);
        try (OutputStream out = Files.newOutputStream(path)) {
            for (int written = 0; written < bytes; written += block.length)
                out.write(block);
        }
        long size = 0;
        try (InputStream in = Files.newInputStream(path)) {
            for (int n = in.read(block); n > 0; n = in.read(block)) {
                sum.update(block, 0, n);
                size += n;
            }
        }
        Files.move(path, Path.of("/tmp/bulk2"));
        Files.delete(Path.of("/tmp/bulk2"));
        return size + " " + Base64.getEncoder().encodeToString(sum.digest());
    }

    /** A TLS server and a client that trusts its certificate, on loopback. */
    static Object tls() throws Exception {
        String pem = Files.readString(Path.of("/opt/certificates/key.pem")).replaceAll("-----[^-]*-----|\\s", "");
        KeyStore store = KeyStore.getInstance("PKCS12");
        Certificate certificate;
        try (InputStream in = Files.newInputStream(Path.of("/opt/certificates/certificate.pem"))) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        store.load(null, null);
        store.setKeyEntry("server", KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem))),
                new char[0], new Certificate[] {certificate});
        store.setCertificateEntry("trusted", certificate);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        try (ServerSocket server = context.getServerSocketFactory().createServerSocket(0, 5, LOOPBACK)) {
            Thread thread = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("secure".getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException e) {
                    System.out.println(e);
                }
            });
            thread.start();
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(LOOPBACK, server.getLocalPort())) {
                String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                thread.join();
                return text + " " + socket.getSession().getProtocol();
            }
        }
    }
}
