// SPDX-License-Identifier: Apache-2.0
// A custom runtime in .NET: HttpClient in a loop. The handler is in Handler.cs.
using System;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;

static class Bootstrap
{
    static void Main()
    {
        string api = "http://" + Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/";
        var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        for (;;)
        {
            HttpResponseMessage next = client.GetAsync(api + "next").Result;
            string id = next.Headers.GetValues("Lambda-Runtime-Aws-Request-Id").First(), kind = "response", answer;
            try
            {
                using (JsonDocument given = JsonDocument.Parse(next.Content.ReadAsByteArrayAsync().Result))
                    answer = Handler.Handle(given.RootElement);
            }
            catch (Exception e)
            {
                Exception cause = e is AggregateException ? e.InnerException : e;
                kind = "error";
                answer = JsonSerializer.Serialize(new { errorType = cause.GetType().Name, errorMessage = cause.Message });
            }
            client.PostAsync(api + id + "/" + kind, new StringContent(answer, Encoding.UTF8, "application/json")).Wait();
        }
    }
}
