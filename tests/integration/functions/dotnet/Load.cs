// SPDX-License-Identifier: Apache-2.0
using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

// Threads, big files, TLS.
static class Load
{
    static string OneThread(int number, int port)
    {
        string path = "/tmp/thread-" + number + ".txt";
        for (int round = 0; round < 50; round++)
        {
            string text = number + " " + round;
            File.WriteAllText(path, text);
            if (File.ReadAllText(path) != text)
                return "another text";
        }
        File.Delete(path);
        string output = Handler.Output("/bin/echo", "child", number.ToString());
        using (var client = new TcpClient())
        {
            client.Connect(IPAddress.Loopback, port);
            return output + new StreamReader(client.GetStream(), Encoding.ASCII).ReadToEnd();
        }
    }

    // Each of COUNT threads writes files, reads them back, starts a program and connects.
    internal static object Threads(int count)
    {
        var answers = new string[count];
        var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start(50);
        int port = ((IPEndPoint)server.LocalEndpoint).Port;
        Thread[] threads = Enumerable.Range(0, count).Select(i => new Thread(() => answers[i] = OneThread(i, port))).ToArray();
        foreach (Thread thread in threads)
            thread.Start();
        for (int i = 0; i < count; i++)
        {
            using (TcpClient client = server.AcceptTcpClient())
                client.GetStream().Write(Encoding.ASCII.GetBytes("pong"));
        }
        foreach (Thread thread in threads)
            thread.Join();
        server.Stop();
        return answers;
    }

    // A file of BYTES is written, summed up, cut, renamed and removed.
    internal static string Bulk(int bytes)
    {
        var block = new byte[1 << 20];
        for (int i = 0; i < block.Length; i++)
            block[i] = (byte)(i * 7);
        using (FileStream file = File.Create("/tmp/bulk"))
        {
            for (int written = 0; written < bytes; written += block.Length)
                file.Write(block);
        }
        string answer;
        using (FileStream file = File.Open("/tmp/bulk", FileMode.Open))
        using (SHA256 sum = SHA256.Create())
        {
            answer = file.Length + " " + BitConverter.ToString(sum.ComputeHash(file));
            file.SetLength(5);
        }
        File.Move("/tmp/bulk", "/tmp/bulk2");
        File.Delete("/tmp/bulk2");
        return answer;
    }

    // A TLS server and a client that trusts its certificate, on loopback.
    internal static string Tls()
    {
        string pem = File.ReadAllText("/opt/certificates/key.pem");
        byte[] key = Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith("-----"))));
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using (ECDsa curve = ECDsa.Create())
        using (var certificate = new X509Certificate2("/opt/certificates/certificate.pem"))
        {
            curve.ImportPkcs8PrivateKey(key, out _);
            Task server = Task.Run(() =>
            {
                using (TcpClient client = listener.AcceptTcpClient())
                using (var stream = new SslStream(client.GetStream()))
                {
                    stream.AuthenticateAsServer(certificate.CopyWithPrivateKey(curve));
                    stream.Write(Encoding.ASCII.GetBytes("secure"));
                }
            });
            using (var client = new TcpClient())
            {
                client.Connect(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
                using (var stream = new SslStream(client.GetStream(), false, (_, given, __, ___) => given.Equals(certificate)))
                {
                    stream.AuthenticateAsClient("127.0.0.1");
                    string answer = new StreamReader(stream, Encoding.ASCII).ReadToEnd() + " " + stream.SslProtocol;
                    server.Wait();
                    listener.Stop();
                    return answer;
                }
            }
        }
    }
}
