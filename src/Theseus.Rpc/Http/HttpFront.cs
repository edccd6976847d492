using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Theseus.Client;
using Theseus.Node;

namespace Theseus.Rpc;

/// <summary>What the front serves beside JSON-RPC.</summary>
/// <param name="Health">How the node is: /live and /ready show it.</param>
/// <param name="Warning">What will make it unready soon, null for nothing: /ready says so while it still answers 200.</param>
/// <param name="Metrics">Writes the figures.</param>
public sealed record FrontProbes(Func<NodeHealth> Health, Func<string?> Warning, RequestDelegate Metrics);

/// <summary>The HTTP side of a node: /rpc/v1, /live, /ready, /metrics and the explorer's files.</summary>
public sealed class HttpFront : IAsyncDisposable
{
    /// <summary>Largest request body: an approved script of 1 MiB in hex and its envelope (execution 8.2).</summary>
    public const long MaximumBody = 3L * 1024 * 1024;

    /// <summary>
    /// Bytes of a connection read ahead of their use: the request's headers fit. The server's own default of 1 MiB times the
    /// connections is 2 GiB.
    /// </summary>
    private const long RequestBuffer = 64 * 1024;

    /// <summary>How long a connection may stay without a request.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly WebApplication _application;
    private readonly Dispatcher _dispatcher;
    /// <summary>Connections that may be ending while others take their places.</summary>
    private const int Ending = 4;

    private readonly FrontProbes _probes;
    private readonly ClientConnections _connections;
    private readonly RequestBodies _bodies;
    private readonly Dictionary<string, (byte[] Bytes, string Type)> _files = ExplorerFiles();

    private HttpFront(IPEndPoint endpoint, Dispatcher dispatcher, FrontProbes probes, ConnectionLimits limits, TimeProvider clock)
    {
        (_dispatcher, _probes, EndPoint) = (dispatcher, probes, endpoint);
        (_connections, _bodies) = (new ClientConnections(limits, clock), new RequestBodies(MaximumBody, clock));
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaximumBody;
            options.Limits.MaxConcurrentConnections = null; // places are given by ClientConnections, which also takes them back
            options.Limits.MaxRequestBufferSize = RequestBuffer;
            options.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            options.Limits.KeepAliveTimeout = IdlePatience;
            options.Listen(endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => _connections.RunAsync(connection, next));
            });
        });
        builder.WebHost.UseSockets(static options => options.MaxReadBufferSize = RequestBuffer);
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new BoundedTransport(
            ActivatorUtilities.CreateInstance<SocketTransportFactory>(services), limits.Total + limits.Probes + Ending));
        _application = builder.Build();
        _application.Lifetime.ApplicationStopped.Register(_bodies.Dispose);
        _application.Run(HandleAsync);
    }

    /// <summary>Where it listens, with the port that was picked.</summary>
    public IPEndPoint EndPoint { get; private set; }

    /// <summary>Opens the port.</summary>
    /// <param name="endpoint">Where to listen; port 0 picks one.</param>
    /// <param name="dispatcher">Answers JSON-RPC.</param>
    /// <param name="probes">What else is served.</param>
    /// <param name="cancellation">Of the start.</param>
    /// <param name="limits">Of connections; production's when left out.</param>
    /// <param name="clock">For how long connections and bodies are waited for; the system's when left out.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<HttpFront> StartAsync(
        IPEndPoint endpoint, Dispatcher dispatcher, FrontProbes probes, CancellationToken cancellation, ConnectionLimits? limits = null,
        TimeProvider? clock = null)
    {
        LeaveThreads();
        HttpFront front = new(endpoint, dispatcher, probes, limits ?? new ConnectionLimits(), clock ?? TimeProvider.System);
        await front._application.StartAsync(cancellation);
        front.EndPoint = new IPEndPoint(endpoint.Address, new Uri(front._application.Urls.First()).Port);
        return front;
    }

    /// <summary>Connections that have a place, those for probes left out.</summary>
    internal int Connections => _connections.Count;

    /// <summary>Those of them without a request under way.</summary>
    internal int Waiting => _connections.Waiting;

    /// <summary>The name under which calls and connections of an address are counted.</summary>
    public static string ClientOf(IPAddress? address) => ClientConnections.ClientOf(address);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    /// <summary>
    /// Calls compute on the pool's threads, as many at once as their kinds allow: the pool starts with so many more, so that
    /// consensus, probes
    /// and what waits for the network find a thread at once.
    /// </summary>
    private static void LeaveThreads()
    {
        int busy = Enum.GetValues<CallKind>().Sum(static kind => LaneLimits.Of(kind).Running);
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(int.Max(workers, Environment.ProcessorCount + busy), ports);
    }

    private async Task HandleAsync(HttpContext context)
    {
        ClientConnections.Place? place = context.Features.Get<ClientConnections.Place>();
        if (place is null)
        {
            await ServeAsync(context, isForProbes: false);
            return;
        }

        _connections.Begin(place);
        try
        {
            await ServeAsync(context, place.IsForProbes);
        }
        finally
        {
            _connections.End(place);
        }
    }

    private async Task ServeAsync(HttpContext context, bool isForProbes)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        string path = context.Request.Path.Value ?? "/";
        string method = context.Request.Method;
        bool isProbe = path is "/live" or "/ready" or "/metrics";
        string allowed = path == "/rpc/v1" ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
        if (method == "OPTIONS")
        {
            context.Response.Headers.AccessControlAllowMethods = "GET, POST";
            context.Response.Headers.AccessControlAllowHeaders = "content-type";
            context.Response.Headers.Allow = allowed;
            context.Response.StatusCode = 204;
        }
        else if (isForProbes && !isProbe)
        {
            context.Response.Headers.Connection = "close";
            await ErrorAsync(context, 503, RpcError.Busy(BusyCodes.Overloaded, "all connections of this address are busy",
                TimeSpan.FromSeconds(1)));
        }
        else if (path == "/rpc/v1")
        {
            await (method == "POST" ? AnswerAsync(context) : RefuseMethodAsync(context, allowed));
        }
        else if (method is not ("GET" or "HEAD"))
        {
            context.Response.Headers.Allow = allowed;
            await TextAsync(context, 405, $"{Printable.Text(method, 16)} is not allowed here; the API takes POST at /rpc/v1\n");
        }
        else
        {
            await (isProbe ? ProbeAsync(context, path) : FileAsync(context, path));
        }
    }

    private async Task ProbeAsync(HttpContext context, string path)
    {
        if (path == "/metrics")
        {
            await _probes.Metrics(context);
            return;
        }

        if (path == "/live")
        {
            bool isLive = _probes.Health().IsLive;
            await TextAsync(context, isLive ? 200 : 503, isLive ? "live\n" : "not live\n");
            return;
        }

        string? reason = _probes.Health().NotReady;
        string warning = reason is null && _probes.Warning() is string soon ? $"warning: {Printable.Text(soon)}\n" : "";
        await TextAsync(context, reason is null ? 200 : 503, Printable.Text(reason ?? "ready") + "\n" + warning);
    }

    private async Task FileAsync(HttpContext context, string path)
    {
        string name = path is "/" or "/explorer" or "/explorer/" ? "explorer/index.html" : path.TrimStart('/');
        if (!_files.TryGetValue(name.StartsWith("explorer/", StringComparison.Ordinal) ? name : "explorer/" + name,
            out (byte[] Bytes, string Type) file))
        {
            await TextAsync(context, 404, "nothing here; the API is at /rpc/v1, the explorer at /\n");
            return;
        }

        context.Response.ContentType = file.Type;
        context.Response.ContentLength = file.Bytes.Length;
        await WriteAsync(context, file.Bytes);
    }

    private static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return ErrorAsync(context, 405, new RpcError(ErrorCodes.MethodNotAllowed, "send JSON-RPC 2.0 by POST",
            new JsonObject { ["allow"] = allowed }));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            byte[]? answer = null;
            string client = ClientConnections.ClientOf(context.Connection.RemoteIpAddress);
            bool arrived = await _bodies.HandleAsync(
                context.Request.Body, async body => answer = await _dispatcher.AnswerAsync(body, context.RequestAborted, client),
                    context.RequestAborted);
            if (!arrived)
            {
                RpcError late = new(ErrorCodes.BodyTooLate,
                    $"the request's body did not arrive within {RequestBodies.Patience.TotalSeconds:0} s");
                await ErrorAsync(context, 408, late);
                context.Abort(); // the rest would still come in
                return;
            }

            await SendAsync(context, _dispatcher.Answers, answer); // the body is let go: who reads slowly keeps no place of those who write
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            RpcError error = e.StatusCode switch
            {
                413 => new RpcError(
                    ErrorCodes.BodyTooLarge, $"a request body holds at most {MaximumBody} bytes",
                        new JsonObject { ["maximumBytes"] = MaximumBody }),
                408 => new RpcError(ErrorCodes.BodyTooLate, "the request's body came too slowly"),
                _ => new RpcError(ErrorCodes.InvalidRequest, "the request's body could not be read"),
            };
            await ErrorAsync(context, e.StatusCode, error);
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
            await ErrorAsync(context, 503, RpcError.Busy(
                BusyCodes.AnswersFull, "too many large answers wait for their readers; ask for less", TimeSpan.FromSeconds(1)));
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

    private static async Task ErrorAsync(HttpContext context, int status, RpcError error)
    {
        byte[] body = Dispatcher.ErrorBody(error);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await WriteAsync(context, body);
    }

    private static async Task TextAsync(HttpContext context, int status, string text)
    {
        byte[] body = System.Text.Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await WriteAsync(context, body);
    }

    private static Task WriteAsync(HttpContext context, byte[] body) =>
        context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();

    private static Dictionary<string, (byte[] Bytes, string Type)> ExplorerFiles()
    {
        Dictionary<string, (byte[] Bytes, string Type)> files = [];
        Assembly assembly = typeof(HttpFront).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith("explorer/", StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using MemoryStream buffer = new();
            stream.CopyTo(buffer);
            files[name.Replace('\\', '/')] = (buffer.ToArray(), ContentTypes.GetValueOrDefault(Path.GetExtension(name),
                "application/octet-stream"));
        }

        return files;
    }
}
