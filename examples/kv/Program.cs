// A replicated key-value map on Theseus consensus: four processes agree on every put, and any three go on without the
// fourth. Usage: kv --home DIR, with node.json and validators.json in DIR. HTTP on the node's rpc port:
//   GET /status    GET /kv/{key}    PUT /kv/{key}  (body: the value)
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Examples.Kv;
using Theseus.Node;
using Theseus.Protocol;

if (args is not ["--home", string home])
{
    Console.Error.WriteLine("usage: kv --home DIR");
    return 2;
}

NodeConfig config;
NodeKey key;
ValidatorSet set;
Hash32 genesis;
try
{
    config = NodeConfig.Load(home);
    key = NodeKey.Load(Path.Combine(home, config.KeyFile));
    byte[] file = File.ReadAllBytes(Path.Combine(home, config.Genesis));
    KvValidator[] validators = JsonSerializer.Deserialize<KvValidator[]>(file, JsonSerializerOptions.Web) ?? [];
    genesis = Hashing.Sha256(file);
    IEnumerable<Validator> members = validators.Select(v => new Validator(ValidatorId.FromHex(v.Key), ByteString.FromHex(v.Key), v.Power));
    set = ValidatorSet.Create(members, new ValueId(genesis.ToArray()));
}
catch (Exception e) when (e is ConfigurationException or IOException or JsonException or ArgumentException or FormatException)
{
    Console.Error.WriteLine("kv: " + e.Message);
    return 3;
}

ValidatorId self = new(key.PublicKey.ToArray());
Directory.CreateDirectory(Path.Combine(home, "consensus"));
using KvStore store = new(Path.Combine(home, "decided.log"));
using CancellationTokenSource stop = new();
ApplicationLink link = new();
SignContext context = new("kv", new ValueId(genesis.ToArray()), 1);
KvApplication application = new(link, store, set, context, self, TimeProvider.System);
int round = 0;
EngineHost made;
try
{
    made = new(config, home, key, "kv", genesis, [], "kv/0.1", TimeProvider.System, new EngineApplication(
        link,
        static (value, content) => KvBlock.IdOf(content) == value,
        () => set,
        set.Members.Any(member => member.Id == self) ? self : null,
        happened =>
        {
            switch (happened)
            {
                case EngineEvent.HeightDecided decided:
                    round = 0;
                    Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} decided {decided.Height} in round {decided.Round} {decided.Value}");
                    break;
                case EngineEvent.RoundEntered entered:
                    round = entered.Round;
                    break;
                case EngineEvent.HeightStarted:
                    break;
                default:
                    Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {happened}");
                    break;
            }
        }));
}
catch (Exception e) when (e is SigningRefusedException or ConfigurationException or IOException or UnauthorizedAccessException)
{
    NodeEnd end = NodeEnd.Of(e);
    Console.Error.WriteLine($"kv: {end.Message}; {end.Advice}");
    return (int)end.Kind;
}

await using EngineHost host = made;
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
WebApplication web = builder.Build();
web.Urls.Add($"http://{config.Bind}:{config.Ports.Rpc}");
web.MapGet("/status", () => new
{
    name = config.Name,
    height = store.Tip,
    value = store.TipId.ToString(),
    round,
    peers = host.Consensus.PeerCount,
    keys = store.Count,
});
web.MapGet("/kv/{key}", (string key) => store.Get(key) is string value ? Results.Text(value) : Results.NotFound());
web.MapPut("/kv/{key}", async (string key, HttpRequest request) =>
{
    using StreamReader reader = new(request.Body, Encoding.UTF8);
    char[] buffer = new char[KvBlock.MaximumText + 1];
    int length = await reader.ReadBlockAsync(buffer);
    string value = new(buffer, 0, length);
    return Encoding.UTF8.GetByteCount(value) > KvBlock.MaximumText || Encoding.UTF8.GetByteCount(key) > KvBlock.MaximumText
        ? Results.Text($"keys and values hold at most {KvBlock.MaximumText} bytes", statusCode: 413)
        : application.TryPut(key, value) ? Results.Accepted() : Results.StatusCode(503);
});

try
{
    host.Start();
    await web.StartAsync();
}
catch (Exception e) when (e is ConfigurationException or IOException)
{
    Console.Error.WriteLine("kv: " + e.Message);
    return 3;
}

Task answering = application.RunAsync(stop.Token);
Task input = Environment.GetEnvironmentVariable("THESEUS_SUPERVISED") == "1" ? InputEndAsync() : Task.Delay(Timeout.Infinite);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await Task.WhenAny(input, answering, host.Completion, Task.Delay(Timeout.Infinite, stop.Token));

// a loop that broke ends the process, whichever it is
Exception? broken = (answering.Exception ?? host.Completion.Exception)?.InnerException;
await stop.CancelAsync();
await web.StopAsync();
if (broken is null)
{
    return host.Engine.IsHalted ? 1 : 0;
}

NodeEnd fault = NodeEnd.Of(broken);
Console.Error.WriteLine($"kv: {fault.Message}; {fault.Advice}");
return (int)fault.Kind;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

// the supervisor holds our input: its end is ours
static async Task InputEndAsync()
{
    await using Stream input = Console.OpenStandardInput();
    byte[] ignored = new byte[256];
    while (await input.ReadAsync(ignored) > 0)
    {
        // only the end counts
    }
}
