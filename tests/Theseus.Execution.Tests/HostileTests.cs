using System.Diagnostics;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>
/// Bytes from strangers, bombs and broken devices: nothing throws that should not, nothing takes for ever, and what is broken
/// is said.
/// </summary>
public class HostileTests
{
    private const int Mutants = 20_000;

    /// <summary>"APTOS::RawTransaction" (execution 1).</summary>
    private static readonly byte[] RawSalt = Convert.FromHexString("b5e97db07fa0bd0e5598aa3643a9bc6f6693bddc1a9fec9e674a461eaa00b193");

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        List<byte> mutant = [.. bytes];
        for (int i = random.Next(1, 4); i > 0 && mutant.Count > 0; i--)
        {
            int at = random.Next(mutant.Count);
            switch (random.Next(6))
            {
                case 0: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: mutant[at] = (byte)random.Next(256); break;
                case 2: mutant[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0; break;
                case 3: mutant.RemoveAt(at); break;
                case 4: mutant.Insert(at, (byte)random.Next(256)); break;
                default:
                    int length = Math.Min(random.Next(1, 40), mutant.Count - at);
                    mutant.InsertRange(random.Next(mutant.Count), mutant.GetRange(at, length));
                    break;
            }
        }

        return [.. mutant];
    }

    [Fact]
    public void MutantsOfTransactionsAreReceiptsLikeOthers()
    {
        Random random = new(71);
        Chain chain = new();
        TestAccount[] senders = [.. Enumerable.Range(0, 50).Select(i => new TestAccount("mutant" + i))];
        BlockResult funded = chain.Block([.. senders.Select(
            sender => chain.Sign(chain.Alice, Chain.Transfer(sender.Address, Chain.Unit)))]);
        Assert.All(funded.Outputs, output => Assert.Equal(StatusKind.Success, output.Receipt.Status.Kind));
        byte[] script =
            Framework.Script(
            "script { use std::string::String; fun main(_owner: &signer, a: u64, b: vector<u8>, _c: String, d: bool) { let i = 0; while (i < a && d) { std::vector::push_back(&mut b, 1); i = i + 1; } } }");
        TransactionPayload[] payloads =
        [
            Chain.Transfer(chain.Bob.Address, 5),
            Chain.Call("lab", "all", Chain.U64(1), Chain.Bytes([1, 2]), [1], new byte[32], [1], new byte[16], new byte[2],
                new byte[4], new byte[32]),
            Chain.Call("lab", "list", [2, 1, 1, 0x61, 0]),
            Chain.Call("governance", "propose", Chain.Bytes(new byte[32]), Chain.Bytes("url"u8)),
            new TransactionPayload.Script(script, [], [new(ScriptArgumentKind.U64, Chain.U64(9)),
                new(ScriptArgumentKind.Bytes, Chain.Bytes([1])), new(ScriptArgumentKind.Serialized, Chain.Bytes("hi"u8)),
                new(ScriptArgumentKind.Bool, [1])]),
        ];
        SortedDictionary<string, int> seen = new(StringComparer.Ordinal);
        Stopwatch total = Stopwatch.StartNew();
        for (int done = 0; done < Mutants; done += senders.Length)
        {
            List<byte[]> block = [];
            foreach (TestAccount sender in senders)
            {
                TransactionPayload payload = payloads[random.Next(payloads.Length)];
                byte[] honest = chain.Sign(sender, payload, 20_000, sequence: 0);
                if (random.Next(3) == 0)
                {
                    block.Add(Mutate(random, honest));
                    continue;
                }

                // the body is spoilt and then signed, so that it gets as far as its bytes do
                byte[] raw = Mutate(random, honest[..^99]);
                block.Add([.. raw, .. honest[^99..^64], .. Ed25519.Sign(sender.Seed, [.. RawSalt, .. raw])]);
            }

            Stopwatch one = Stopwatch.StartNew();
            BlockResult result = chain.Stack.Execute(new BlockInput(chain.Context(2), block, 2_000), chain.State);
            Assert.Equal(block.Count + 2, result.Outputs.Count);
            Assert.Empty(result.Alarms);
            for (int i = 0; i < block.Count; i++)
            {
                TransactionStatus status = result.Outputs[i + 1].Receipt.Status;
                Assert.NotEqual(StatusKind.SystemAborted, status.Kind);
                string key = $"{status.Kind} {status.Major} {status.Reason}";
                seen[key] = seen.GetValueOrDefault(key) + 1;
                if (random.Next(4) == 0)
                {
                    Admission admission = chain.Stack.Admit(block[i], chain.Context(2), chain.State);
                    // what admission lets in, the prologue does not skip (it allows only the gap in sequence numbers)
                    Assert.True(admission.Refusal is not null || status.Kind != StatusKind.Skipped || status.Reason == 1003, $"{status}");
                    chain.Stack.Simulate(block[i], chain.Context(2), chain.State);
                }
            }

            Assert.True(one.Elapsed < TimeSpan.FromSeconds(20), $"{one.Elapsed}");
        }

        Assert.True(total.Elapsed < TimeSpan.FromMinutes(5));
        Assert.True(seen.Count >= 15, string.Join(", ", seen)); // many ways to fail, and some to pass
        Assert.True(seen["Success 0 0"] > 100, string.Join(", ", seen));
    }

    [Fact]
    public void MutantsOfModulesAreRefusedOrRun()
    {
        Random random = new(72);
        Chain chain = new();
        StackRules rules = Chain.Oldest;
        CodeSnapshot code = new CodeCache(rules).Of(chain.State);
        Assert.True(TransactionDecoding.TryDecode(chain.Sign(chain.Alice, Chain.Call("lab", "nothing")),
            out SignedTransaction? transaction).IsNone);
        FrameworkPublish publish = new(rules, chain.Context(1));
        byte[][] modules = [.. Framework.WithLab];
        SortedDictionary<string, Hash32> hashes = new(StringComparer.Ordinal);
        SortedDictionary<ulong, int> seen = [];
        int accepted = 0;
        Dictionary<string, byte[]> named = modules.ToDictionary(blob => Framework.IdOf(blob).Name);
        for (int i = 0; i < Mutants; i++)
        {
            byte[] mutant = Mutate(random, modules[random.Next(modules.Length)]);
            Hash32 expected = Hash32.Zero;
            if (Theseus.Move.Format.ModuleReader.ReadModule(mutant).Value is { } decoded)
            {
                expected = ExecutionRoots.OfCode(named.Where(entry => entry.Key != decoded.Id.Name)
                    .Select(entry => (entry.Key, entry.Value)).Append((decoded.Id.Name, mutant)));
            }

            PublishOutcome outcome = publish.Check(code, chain.State,
                new PublishRequest(code.CodeRoot.ToArray(), expected.ToArray(), [mutant]), transaction!);
            if (outcome.Refusal is { } refusal)
            {
                Assert.Equal(StatusKind.Failed, refusal.Kind);
                Assert.True(refusal.Major is < 2_000 or >= 3_000, $"{refusal} {outcome.Message}");
                Assert.NotEqual("", outcome.Message);
                seen[refusal.Major] = seen.GetValueOrDefault(refusal.Major) + 1;
            }
            else
            {
                accepted++;
            }
        }

        Assert.InRange(accepted, 20, Mutants / 4); // a constant or a name that nobody uses
        Assert.True(seen.Count >= 30, string.Join(", ", seen));
        Assert.Contains(FailedMajor.ProbeFailed, seen.Keys);
    }

    [Fact]
    public void AViewEndsByItsOwnGas()
    {
        Chain chain = new();
        ViewResult View(string function, params IReadOnlyList<byte[]> arguments) =>
            chain.Stack.View(new ViewCall(new ModuleId(Address.One, "lab"), function, [], arguments), chain.Context(1), chain.State);
        ViewResult endless = View("endless");
        Assert.Equal((TransactionStatus.OutOfGas, 2_000_000ul), (endless.Status, endless.GasUsed));
        Assert.Empty(endless.Values);
        ViewResult greedy = View("greedy");
        Assert.True(greedy.Status.Kind == StatusKind.OutOfGas || greedy.Status.Major == 4028, $"{greedy.Status}"); // MEMORY_LIMIT_EXCEEDED
        Assert.Equal(1103ul, View("nothing").Status.Major); // no view
        Assert.Equal(1103ul, View("hidden").Status.Major);
        Assert.Equal(1098ul, View("blob").Status.Major);
        Assert.Equal(1100ul, View("blob", [1, 2, 3]).Status.Major);
        Assert.Equal(1091ul, View("no_such").Status.Major);
    }

    [Fact]
    public void AViewReadsEightMebibytesAtMost()
    {
        Chain chain = new();
        const int Size = (1 << 20) - 8;
        Address[] owners = [.. Enumerable.Range(0, 9).Select(i => new TestAccount("reader" + i).Address)];
        chain.State.Apply(WriteSet.From(owners.Select(owner =>
            new StateWrite(StateKey.Resource(owner, new StructTag(Address.One, "lab", "Blob", [])), Chain.Bytes(new byte[Size])))));
        ViewResult Read(int count) => chain.Stack.View(
            new ViewCall(new ModuleId(Address.One, "lab"), "read_all", [],
                [new BcsWriter().List(owners.Take(count).ToArray(), static (w, owner) => w.Address(owner)).ToArray()]),
                chain.Context(1), chain.State);
        Assert.Equal(Chain.U64(8 * Size), Read(8).Values.Single().Value);
        ViewResult above = Read(9);
        Assert.Equal((StatusKind.Failed, 4031ul), (above.Status.Kind, above.Status.Major)); // IO_LIMIT_REACHED
    }

    // fault 87
    [Theory]
    [InlineData(typeof(OutOfMemoryException))]
    [InlineData(typeof(InsufficientExecutionStackException))]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(IndexOutOfRangeException))]
    [InlineData(typeof(InvalidCastException))]
    [InlineData(typeof(InvalidOperationException))]
    public void NothingOfTheHostBecomesAnOutcome(Type fault)
    {
        Chain chain = new();
        ulong? Fail(NativeCall call) => throw (Exception)Activator.CreateInstance(fault)!;
        byte[] transaction = chain.Sign(chain.Alice, Chain.Call("lab", "hash"));
        chain.Other = WithNative(new NativeId("hash", "native_sha2_256"), Fail);
        Assert.Throws(fault, () => chain.Stack.Execute(new BlockInput(chain.Context(1), [transaction], 1), chain.State));
        Assert.Throws(fault, () => chain.Stack.Simulate(transaction, chain.Context(1), chain.State));
        chain.Other = WithNative(new NativeId("from_bcs", "from_bytes"), Fail); // under the hooks
        Assert.Throws(fault, () => chain.Stack.Execute(new BlockInput(chain.Context(1), [], 1), chain.State));
        Assert.Throws(fault, () => chain.Stack.Admit(transaction, chain.Context(1), chain.State));
        chain.Other = null;
        chain.Block(transaction).Outputs[1].Success();
    }

    [Fact]
    public void ABrokenDeviceIsNoOutcomeOfATransaction()
    {
        Chain chain = new();
        byte[] transaction = chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 5));
        StateKey fatal = Expect.BalanceWrite(chain.Bob.Address, 0).Key;
        BrokenState broken = new(chain.State, fatal);
        Assert.Throws<IOException>(() => chain.Stack.Execute(new BlockInput(chain.Context(1), [transaction], 1), broken));
        Assert.Throws<IOException>(() => chain.Stack.Simulate(transaction, chain.Context(1), broken));
        Assert.Throws<IOException>(() => chain.Stack.View(new ViewCall(
            new ModuleId(Address.One, "theseus_coin"), "balance", [], [chain.Bob.Address.ToArray()]), chain.Context(1), broken));
        Assert.Throws<IOException>(() => chain.Stack.Admit(transaction, chain.Context(1),
            new BrokenState(chain.State, Expect.BalanceWrite(chain.Alice.Address, 0).Key)));
        chain.Block(transaction).Outputs[1].Success();
    }

    private static RuleStack WithNative(NativeId id, NativeFunction function) =>
        new(Chain.Oldest with { Natives = Chain.Oldest.Natives.With([Chain.Oldest.Natives.Find(id)! with { Function = function }]) });

    private sealed class BrokenState(IStateReader below, StateKey fatal) : IStateReader
    {
        public byte[]? TryGet(StateKey key) => key.Equals(fatal) ? throw new IOException("the disk is gone") : below.TryGet(key);
    }
}
