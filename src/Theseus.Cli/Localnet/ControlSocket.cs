using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Theseus.Cli.Localnet;

/// <summary>How the verbs reach the supervisor: one line of request, one line of answer, over a Unix socket in the localnet's
/// folder.</summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    /// <summary>A request is a verb and a node name.</summary>
    private const int MaximumLine = 4096;

    /// <summary>How long answers under way may take when the supervisor stops.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly string _path;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _answers = new();
    private readonly Task _loop;

    private ControlSocket(Socket listener, string path, Func<string, Task<string>> answer)
    {
        _listener = listener;
        _path = path;
        _loop = ServeAsync(answer);
    }

    /// <summary>Listens; whatever an earlier supervisor left at the path is removed.</summary>
    public static ControlSocket Open(string path, Func<string, Task<string>> answer)
    {
        File.Delete(path);
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(16);
        return new ControlSocket(listener, path, answer);
    }

    /// <summary>Sends one request.</summary>
    /// <exception cref="CommandFailure">Nobody listens: the localnet does not run. Or the supervisor ended.</exception>
    public static async Task<string> AskAsync(string path, string request)
    {
        using Socket? socket = await ConnectAsync(path) ?? throw NotRunning("");
        return await AskAsync(socket, request) ?? throw new CommandFailure("the supervisor ended before it answered");
    }

    /// <summary>The same; null when nobody listens, or the supervisor ended before it answered.</summary>
    public static async Task<string?> TryAskAsync(string path, string request)
    {
        using Socket? socket = await ConnectAsync(path);
        return socket is null ? null : await AskAsync(socket, request);
    }

    /// <summary>The localnet does not run.</summary>
    /// <param name="hint">What else its start needs, such as " --dir FOLDER".</param>
    public static CommandFailure NotRunning(string hint) => new($"the localnet does not run; start it with: theseus localnet{hint}");

    private static async Task<Socket?> ConnectAsync(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException) // the second: a path that no socket can have
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task<string?> AskAsync(Socket socket, string request)
    {
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(request + "\n"));
            using StreamReader reader = new(new NetworkStream(socket), Encoding.UTF8);
            return await reader.ReadLineAsync();
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null; // it closed while the request was on its way
        }
    }

    /// <summary>Answers what is under way, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        // The loop ends first: only then is every answer under way in the table, and who asked to stop hears it.
        await _closing.CancelAsync();
        await _loop;
        await Task.WhenAny(Task.WhenAll(_answers.Keys), Task.Delay(AnswerTime));
        await _stop.CancelAsync();
        _listener.Dispose();
        File.Delete(_path);
        _closing.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<string, Task<string>> answer)
    {
        while (!_closing.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_closing.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Task answering = AnswerAsync(socket, answer);
            _answers.TryAdd(answering, 0);
            _ = answering.ContinueWith(done => _answers.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task AnswerAsync(Socket socket, Func<string, Task<string>> answer)
    {
        using (socket)
        {
            try
            {
                byte[] buffer = new byte[MaximumLine];
                int length = 0;
                while (length < buffer.Length && !buffer.AsSpan(0, length).Contains((byte)'\n'))
                {
                    int read = await socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token);
                    if (read == 0)
                    {
                        break;
                    }

                    length += read;
                }

                string reply = await answer(Encoding.UTF8.GetString(buffer, 0, length).Trim());
                await socket.SendAsync(Encoding.UTF8.GetBytes(reply + "\n"), _stop.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // the asker went away
            }
        }
    }
}
