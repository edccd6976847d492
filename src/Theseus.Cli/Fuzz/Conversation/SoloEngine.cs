using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>One validator that is a whole network, over a disk in memory: for what a restart finds there.</summary>
internal sealed class SoloEngine
{
    /// <summary>Moments after a restart. An engine that may sign decides a height in each few of them.</summary>
    private const int Moments = 40;

    private const int Interval = 50;

    private const string MarkName = "mark";

    private static readonly ValueId Module = new(Sha3.Hash256("theseus fuzz solo"u8));

    private readonly ApplicationLink _link = new();
    private readonly FuzzClock _clock;
    private readonly ValidatorSet _set;
    private readonly SignContext _context;
    private readonly EngineLoop? _loop;

    private SoloEngine(FuzzChain chain, MemoryDisk disk, ulong tip)
    {
        FuzzKey key = chain.Validators[0];
        Tip = tip;
        _clock = new FuzzClock(chain.Genesis.Time + (tip * 1_000));
        _context = new SignContext(chain.Genesis.ChainName, ValidatorSets.ToValue(chain.Genesis.Hash()), 1);
        _set = ValidatorSet.Create([new Validator(key.Id, new ByteString(Ed25519.PublicKey(key.Seed)), 1)], Module);
        LocalSigner signer = new(new Node.NodeKey(key.Seed), disk, MarkName);
        if (signer.Fault is not null)
        {
            return; // said, and the node does not start
        }

        _loop = new EngineLoop(new EngineDevices(
            disk, signer, key.Id, new MemoryNetwork().Join(key.Id), _clock, Ed25519Check.Instance, new InlineVerification(),
            static (value, content) => new ValueId(Sha3.Hash256(content)) == value, _link, static _ => { }));
    }

    private ulong Tip { get; set; }

    /// <summary>The files that an engine leaves in the midst of a height, and how many it has decided.</summary>
    public static (byte[] Log, byte[] Mark, string LogName, ulong Tip) Left(FuzzChain chain)
    {
        MemoryDisk disk = new();
        SoloEngine engine = new(chain, disk, 0);
        while (engine.Tip < 3)
        {
            engine.Step();
        }

        string log = disk.List().Last(static name => name.StartsWith(ChainedLog.Prefix, StringComparison.Ordinal));
        return (Content(disk, log), Content(disk, MarkName), log, engine.Tip);
    }

    /// <summary>Starts an engine with these files.</summary>
    /// <exception cref="InvalidOperationException">It breaks.</exception>
    public static void Restart(FuzzChain chain, string logName, byte[] log, byte[] mark, ulong tip)
    {
        MemoryDisk disk = new();
        disk.Open(logName).Append(log);
        disk.Open(MarkName).Append(mark);
        SoloEngine engine = new(chain, disk, tip);
        for (int i = 0; i < Moments && engine._loop is not null; i++)
        {
            engine.Step();
        }
    }

    private static byte[] Content(MemoryDisk disk, string name)
    {
        IDiskFile file = disk.Open(name);
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    private void Step()
    {
        bool any = true;
        while (any)
        {
            any = _loop!.Pump();
            while (_link.Requests.TryRead(out AppRequest? request))
            {
                any = true;
                Answer(request);
            }
        }

        if (_loop!.Failure is { } failure)
        {
            throw new InvalidOperationException($"the engine broke: {failure.Message}", failure);
        }

        _clock.Advance(Interval);
    }

    private void Answer(AppRequest request)
    {
        switch (request)
        {
            case AppRequest.OpenHeight open:
                ulong height = open.Height == 0 ? Tip + 1 : open.Height;
                Reply(new AppReply.HeightOpened(height, _set, _context, [Module], Timeouts.Localnet, Interval, 30_000, 1024, Tip, 1));
                break;
            case AppRequest.Build build:
                byte[] content = BitConverter.GetBytes(build.Height);
                Reply(new AppReply.Part(build.Height, build.Round, content));
                Reply(new AppReply.Fin(build.Height, build.Round, new ValueId(Sha3.Hash256(content))));
                break;
            case AppRequest.Validate validate:
                bool isValid = validate.Content.Span.SequenceEqual(BitConverter.GetBytes(validate.Height));
                Reply(new AppReply.Verdict(
                    validate.Height, validate.Value, validate.FreshRound, isValid ? Judgement.Valid : Judgement.Invalid,
                        isValid ? (ushort)0 : (ushort)256));
                break;
            case AppRequest.Decide decide:
                Tip = ulong.Max(Tip, decide.Certificate.Height);
                Reply(new AppReply.Decided(decide.Certificate.Height));
                Reply(new AppReply.Executed(decide.Certificate.Height));
                break;
            default:
                break;
        }
    }

    private void Reply(AppReply reply)
    {
        if (!_link.Replies.TryWrite(reply))
        {
            throw new InvalidOperationException("the engine does not take the application's answers");
        }
    }
}
