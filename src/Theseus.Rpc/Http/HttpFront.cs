using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Theseus.Rpc;

/// <summary>What the front serves beside JSON-RPC.</summary>
/// <param name="IsLive">The process works.</param>
/// <param name="Ready">Null when the node takes part, else why it does not.</param>
/// <param name="Metrics">Prometheus text.</param>
/// <param name="Warning">What will make it unready soon, null for nothing: /ready says so while it still answers 200.</param>
public sealed record FrontProbes(Func<bool> IsLive, Func<string?> Ready, Func<string> Metrics, Func<string?>? Warning = null);

/// <summary>The HTTP side of a node: /rpc/v1, /live, /ready, /metrics and the explorer's files.</summary>
public sealed class HttpFront : IAsyncDisposable
{
    /// <summary>Largest request body: an approved script of 1 MiB in hex and its envelope (execution 8.2).</summary>
    public const long MaximumBody = 3L * 1024 * 1024;

    /// <summary>Bytes of a connection read ahead of their use: the request's headers fit. The server's own default of 1 MiB times the connections is 2 GiB.</summary>
    private const long RequestBuffer = 64 * 1024;

    /// <summary>Connections at once.</summary>
    public const int MaximumConnections = 2048;

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly WebApplication _application;

    private HttpFront(WebApplication application, IPEndPoint endpoint)
    {
        _application = application;
        EndPoint = endpoint;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Opens the port.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<HttpFront> StartAsync(IPEndPoint endpoint, Dispatcher dispatcher, FrontProbes probes, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaximumBody;
            options.Limits.MaxConcurrentConnections = MaximumConnections;
            options.Limits.MaxRequestBufferSize = RequestBuffer;
            options.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            options.Listen(endpoint);
        });
        builder.WebHost.UseSockets(static options => options.MaxReadBufferSize = RequestBuffer);
        WebApplication application = builder.Build();
        Dictionary<string, (byte[] Bytes, string Type)> files = ExplorerFiles();
        RequestBodies bodies = new(MaximumBody, TimeProvider.System);
        application.Lifetime.ApplicationStopped.Register(bodies.Dispose);
        application.Run(context => HandleAsync(context, dispatcher, bodies, probes, files));
        await application.StartAsync(cancellation);
        Uri address = new(application.Urls.First());
        return new HttpFront(application, new IPEndPoint(endpoint.Address, address.Port));
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    private static async Task HandleAsync(HttpContext context, Dispatcher dispatcher, RequestBodies bodies, FrontProbes probes, Dictionary<string, (byte[] Bytes, string Type)> files)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        string path = context.Request.Path.Value ?? "/";
        string method = context.Request.Method;
        if (method == "OPTIONS")
        {
            context.Response.Headers.AccessControlAllowMethods = "GET, POST";
            context.Response.Headers.AccessControlAllowHeaders = "content-type";
            context.Response.StatusCode = 204;
            return;
        }

        switch (path)
        {
            case "/rpc/v1" when method == "POST":
                await AnswerAsync(context, dispatcher, bodies);
                return;
            case "/rpc/v1":
                await TextAsync(context, 405, "send JSON-RPC 2.0 by POST\n");
                return;
            case "/live":
                await TextAsync(context, probes.IsLive() ? 200 : 503, probes.IsLive() ? "live\n" : "not live\n");
                return;
            case "/ready":
                string? reason = probes.Ready();
                string warning = reason is null && probes.Warning?.Invoke() is string soon ? $"warning: {soon}\n" : "";
                await TextAsync(context, reason is null ? 200 : 503, (reason ?? "ready") + "\n" + warning);
                return;
            case "/metrics":
                await TextAsync(context, 200, probes.Metrics(), "text/plain; version=0.0.4; charset=utf-8");
                return;
        }

        string name = path is "/" or "/explorer" or "/explorer/" ? "explorer/index.html" : path.TrimStart('/');
        if (method == "GET" && files.TryGetValue(name.StartsWith("explorer/", StringComparison.Ordinal) ? name : "explorer/" + name, out (byte[] Bytes, string Type) file))
        {
            context.Response.ContentType = file.Type;
            context.Response.ContentLength = file.Bytes.Length;
            await context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted);
            return;
        }

        await TextAsync(context, 404, "nothing here; the API is at /rpc/v1, the explorer at /\n");
    }

    private static async Task AnswerAsync(HttpContext context, Dispatcher dispatcher, RequestBodies bodies)
    {
        try
        {
            byte[]? answer = null;
            if (!await bodies.HandleAsync(context.Request.Body, async body => answer = await dispatcher.AnswerAsync(body, context.RequestAborted), context.RequestAborted))
            {
                await TextAsync(context, 408, "the request's body did not arrive in time\n");
                context.Abort(); // the rest would still come in
                return;
            }

            await SendAsync(context, dispatcher.Answers, answer); // the body is let go: who reads slowly keeps no place of those who write
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await TextAsync(context, e.StatusCode, e.StatusCode == 413 ? $"a request body holds at most {MaximumBody} bytes\n" : "the request could not be read\n");
        }
    }

    private static async Task SendAsync(HttpContext context, HeldAnswers answers, byte[]? answer)
    {
        if (answer is null)
        {
            context.Response.StatusCode = 204;
            return;
        }

        context.Response.ContentType = "application/json";
        if (answer.Length <= HeldAnswers.Small)
        {
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
            return;
        }

        if (!answers.TryTake(answer.Length))
        {
            answer = Dispatcher.Busy("too many large answers wait for their readers; ask for less, or again later");
            context.Response.StatusCode = 503;
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer, context.RequestAborted);
            return;
        }

        int held = answer.Length;
        using CancellationTokenSource late = new(HeldAnswers.Patience);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        try
        {
            context.Response.ContentLength = held;
            for (int at = 0; at < held; at += HeldAnswers.Small)
            {
                // piece by piece: the server copies what it is given whole before it waits for the reader
                await context.Response.Body.WriteAsync(answer.AsMemory(at, int.Min(HeldAnswers.Small, held - at)), either.Token);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            context.Abort(); // it did not read
        }
        finally
        {
            answers.Return(held);
        }
    }

    private static async Task TextAsync(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Dictionary<string, (byte[] Bytes, string Type)> ExplorerFiles()
    {
        Dictionary<string, (byte[] Bytes, string Type)> files = [];
        Assembly assembly = typeof(HttpFront).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("explorer/", StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using MemoryStream buffer = new();
            stream.CopyTo(buffer);
            files[name.Replace('\\', '/')] = (buffer.ToArray(), ContentTypes.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream"));
        }

        return files;
    }
}
