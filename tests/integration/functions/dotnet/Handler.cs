// SPDX-License-Identifier: Apache-2.0
// The .NET function of the integration tests: what it does is asked for by the event. Vulnerable on purpose.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

static class Handler
{
    const string Documents = "/opt/test/functions/dotnet/docs/";

    static string Text(JsonElement of, string name)
    {
        return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;
    }

    static int Number(JsonElement of, string name)
    {
        return of.GetProperty(name).GetInt32();
    }

    static ProcessStartInfo Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    static int Run(ProcessStartInfo start, string input, out string output)
    {
        using (Process process = Process.Start(start))
        {
            process.ErrorDataReceived += (_, line) => { };
            process.BeginErrorReadLine();
            try
            {
                process.StandardInput.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It does not read.
            }
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
    }

    internal static string Output(string program, params string[] arguments)
    {
        Run(Start(program, arguments), "", out string output);
        return output;
    }

    static string Shell(string text)
    {
        return Output("/bin/sh", "-c", text);
    }

    // "What does the document at this address say?" The address goes to a shell.
    static string Convert(string address)
    {
        return Shell("curl --silent --max-time 2 -L " + address + " | cat -");
    }

    static object Spawn(JsonElement given)
    {
        string[] command = given.GetProperty("command").EnumerateArray().Select(word => word.GetString()).ToArray();
        ProcessStartInfo start = Start(command[0], command.Skip(1));
        if (given.TryGetProperty("env", out JsonElement environment) && environment.ValueKind == JsonValueKind.Object)
        {
            start.Environment.Clear();
            foreach (JsonProperty variable in environment.EnumerateObject())
                start.Environment[variable.Name] = variable.Value.GetString();
        }
        try
        {
            int status = Run(start, Text(given, "input") ?? "", out string output);
            return new Dictionary<string, object> { { "status", status }, { "out", output } };
        }
        catch (Win32Exception e)
        {
            return new Dictionary<string, object> { { "out", "" }, { "error", e.Message } };
        }
    }

    static string Connect(int port)
    {
        try
        {
            using (var client = new TcpClient())
            {
                client.Connect(IPAddress.Loopback, port);
                var answer = new byte[64];
                client.GetStream().Write(Encoding.ASCII.GetBytes("ping"));
                return Encoding.ASCII.GetString(answer, 0, client.GetStream().Read(answer));
            }
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    static object Operation(JsonElement given)
    {
        switch (Text(given, "op"))
        {
            case "big": return new string('x', Number(given, "bytes"));
            case "throw": throw new ArgumentException(Text(given, "message"));
            case "log": Console.WriteLine(Text(given, "text")); return "logged";
            case "file": File.WriteAllText(Text(given, "path"), Text(given, "text")); return File.ReadAllText(Text(given, "path"));
            case "read": return File.ReadAllText(Text(given, "path"));
            case "spawn": return Spawn(given);
            case "connect": return Connect(Number(given, "port"));
            case "threads": return Load.Threads(Number(given, "count"));
            case "tls": return Load.Tls();
            case "bulk": return Load.Bulk(Number(given, "bytes"));
            default: return given;
        }
    }

    static object Answer(JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.Object)
            return given;
        if (given.TryGetProperty("Records", out JsonElement records) && Text(records[0], "eventSource") == "aws:sqs")
        {
            using (JsonDocument body = JsonDocument.Parse(Text(records[0], "body")))
                return new { converted = Convert(Text(body.RootElement, "document_url")) };
        }
        if (given.TryGetProperty("Records", out records) && Text(records[0], "eventSource") == "aws:s3")
        {
            string key = WebUtility.UrlDecode(Text(records[0].GetProperty("s3").GetProperty("object"), "key"));
            return new { listed = Shell("ls -d /tmp/" + key + " 2>/dev/null || echo none") };
        }
        if (given.TryGetProperty("queryStringParameters", out JsonElement query) && Text(query, "document_url") is string address)
            return new { statusCode = 200, body = Convert(address) };
        if (query.ValueKind == JsonValueKind.Object && Text(query, "file") is string name)
            return new { statusCode = 200, body = File.ReadAllText(Documents + name) };
        return Operation(given);
    }

    internal static string Handle(JsonElement given)
    {
        object answer = Answer(given);
        return answer is JsonElement element ? element.GetRawText() : JsonSerializer.Serialize(answer);
    }
}
