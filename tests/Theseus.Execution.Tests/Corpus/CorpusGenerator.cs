using System.Text;

namespace Theseus.Execution.Tests;

/// <summary>
/// Makes a corpus from a seed: every kind of transaction, edges of gas, mutants, the ceremony with publishes that pass and that do not,
/// epochs.
/// </summary>
internal sealed class CorpusGenerator
{
    /// <summary>An end hook that aborts now and then, after the ceremonies: what becomes of the fees is part of what is frozen.</summary>
    private static readonly Edit Faulty =
        ("block.move", "reconfiguration::end();",
            "if (block_context::height() > 70 && block_context::height() % 5 == 0) abort 9; reconfiguration::end();");

    private static readonly Edit More =
        ("lab.move", "public entry fun nothing() {}", "public entry fun nothing() {} public entry fun more() {}");

    private readonly Random _random;
    private readonly Chain _chain;
    private readonly TestAccount[] _people;
    private readonly List<CorpusBlock> _blocks = [];

    private CorpusGenerator(string stack, int seed)
    {
        _random = new Random(seed);
        _chain = new Chain(Framework.Compile(Faulty), stack);
        _people = [_chain.Alice, _chain.Bob, .. _chain.Validators];
        _chain.Executed = input => _blocks.Add(new CorpusBlock(input.Context, input.Transactions));
    }

    public static CorpusFile Make(string stack, int seed, int blocks)
    {
        CorpusGenerator generator = new(stack, seed);
        generator.Ceremonies(); // first: later everybody may be poor
        for (int i = 0; i < blocks; i++)
        {
            generator.Mixed();
        }

        return new CorpusFile(generator._chain.GenesisInput, generator._blocks);
    }

    private void Mixed()
    {
        _chain.Proposer = _people[_random.Next(_people.Length)].Address;
        _chain.Missed = _random.Next(3) == 0 ? [_chain.ValidatorSet[_random.Next(4)].Address] : [];
        _chain.Evidence = _random.Next(25) == 0
            ? [new EvidenceFact((byte)_random.Next(5), 1, _chain.ValidatorSet[_random.Next(4)].Address)] : [];
        _chain.Epoch += _random.Next(9) == 0 ? 1ul : 0;
        List<byte[]> block = [];
        foreach (TestAccount sender in _people.Append(_chain.Alice))
        {
            byte[] transaction = Transaction(sender);
            if (_random.Next(12) == 0)
            {
                transaction[_random.Next(transaction.Length)] ^= (byte)(1 << _random.Next(8));
            }

            block.Add(transaction);
        }

        Run(block);
    }

    private void Run(IReadOnlyList<byte[]> block)
    {
        _chain.Block(block);
        foreach (TestAccount account in _people)
        {
            account.Sequence = FrameworkState.ReadSequenceNumber(_chain.State, account.Address)!.Value;
        }
    }

    private byte[] Transaction(TestAccount sender)
    {
        TransactionPayload payload = Payload(sender);
        ulong price = (ulong)_random.Next(1, 20);
        ulong? sequence = _random.Next(15) == 0 ? sender.Sequence + (ulong)_random.Next(3) : null;
        if (_random.Next(3) != 0)
        {
            return _chain.Sign(sender, payload, 2_000_000, price, sequence);
        }

        // the edge: exactly what it takes, or one unit less
        byte[] probe = _chain.Sign(sender, payload, 2_000_000, 1, sender.Sequence);
        ulong used = _chain.Stack.Simulate(probe, _chain.Context(_chain.Height + 1), _chain.State).Receipt.GasUsed;
        return _chain.Sign(sender, payload, ulong.Max(used, 1) - (ulong)_random.Next(2), price, sequence);
    }

    private TransactionPayload Payload(TestAccount sender)
    {
        byte[] other = (_random.Next(3) == 0 ? new TestAccount("stranger" + _random.Next(30))
            : _people[_random.Next(_people.Length)]).Address.ToArray();
        ulong number = (ulong)_random.Next(3_000);
        return _random.Next(26) switch
        {
            0 => Chain.Call("lab", "fail", Chain.U64(number)),
            1 => Chain.Call("lab", "noise", Chain.U64(number)),
            2 => Chain.Call("lab", "keep", Chain.U64(number)),
            3 => Chain.Call("lab", "name", Chain.U64(number % 1_000)),
            4 => Chain.Call("lab", "keep_and_fail", other),
            5 when _random.Next(4) == 0 => Chain.Call("lab", "squander", other, Chain.U64(number * 2_000)),
            6 => Chain.Call("lab", "divide", Chain.U64(number % 2)),
            7 => Chain.Call("lab", "text", Chain.Bytes([(byte)_random.Next(256), (byte)_random.Next(256)])),
            8 => Chain.Call("lab", "maybe", [(byte)_random.Next(3), .. Chain.U64(1)]),
            9 => Chain.Call("lab", "all", Chain.U64(1), Chain.Bytes([1, 2]), [(byte)_random.Next(3)], new byte[32], [1], new byte[16],
                new byte[2], new byte[4], new byte[32]),
            10 => Chain.Call("lab", _random.Next(2) == 0 ? "hidden" : "absent"),
            11 => Chain.Call("governance", "propose", Chain.Bytes(Hashing.Sha3(Chain.U64(number)).ToArray()),
                Chain.Bytes(Encoding.UTF8.GetBytes("https://example.org/" + number))),
            12 => Chain.Call("governance", "vote", Chain.U64(1 + (number % 6)), [(byte)_random.Next(2)]),
            13 => Chain.Call("governance", "refund", Chain.U64(1 + (number % 6))),
            14 => Chain.Call("governance", "cancel", Chain.U64(1 + (number % 6))),
            15 => Chain.Call("stake", "bond", Chain.U64(number * 1_000_000)),
            16 => Chain.Call("stake", "unbond", Chain.U64(number * 100_000)),
            17 => Chain.Call("stake", "withdraw"),
            18 => Chain.Call("account", "create_account", other),
            19 => Chain.Call("lab", "hash"),
            20 => Loop(number),
            21 => IndexOf(_random.Next(2) == 0 ? "seus" : "zeus"),
            22 => new TransactionPayload.EntryFunction(new ModuleId(Address.One, "lab"), "deep",
                [_random.Next(2) == 0 ? TypeTag.U64 : TypeTag.Vector(TypeTag.Address)], []),
            _ => Chain.Transfer(new Address(other), number * 10_000),
        };
    }

    private static Upgrade By(Edit edit) => Upgrade.Between(Framework.Compile(Faulty), Framework.Compile(Faulty, edit));

    private static TransactionPayload Loop(ulong rounds)
    {
        byte[] code = Framework.Script(
            "script { fun main(n: u64) { let i = 0; let x: u256 = 1; while (i < n) { x = x * 3 + 1; i = i + 1; } } }");
        // overflows from round 161 on
        return new TransactionPayload.Script(code, [], [new ScriptArgument(ScriptArgumentKind.U64, Chain.U64(rounds))]);
    }

    /// <summary>Aborts with the index: the two stacks mean different things by an absent part.</summary>
    private static TransactionPayload IndexOf(string part)
    {
        byte[] code = Framework.Script(
            "script { use std::string::{Self, String}; fun main(s: String, part: String) { abort string::index_of(&s, &part) } }");
        return new TransactionPayload.Script(code, [],
            [new ScriptArgument(ScriptArgumentKind.Bytes, Chain.Bytes("theseus"u8)),
                new ScriptArgument(ScriptArgumentKind.Serialized, Chain.Bytes(Encoding.UTF8.GetBytes(part)))]);
    }

    private void Ceremonies()
    {
        _chain.Missed = [];
        _chain.Evidence = [];
        Upgrade good = By(More);
        Edit[] refused =
        [
            ("lab.move", "public fun open() {}", ""),
            ("block.move", "versions::follow();", "abort 1;"),
            ("transaction_validation.move", "account::increment_sequence_number(sender);", ""),
            ("governance.move", "cast(&mut proposal.votes, who, approve);", "cast(&mut proposal.votes, who, !approve);"),
        ];
        foreach (byte[] script in refused.Select(edit => By(edit).Script()).Append(good.With(@base: Hash32.Zero).Script())
            .Append(good.With(expected: Hash32.Zero).Script()))
        {
            _chain.Approve(script);
            Run([_chain.Sign(_chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000)]);
        }

        byte[] publish = good.Script();
        _chain.Approve(publish);
        Run([
            _chain.Sign(_chain.Bob, Chain.Call("lab", "more")),
            _chain.Sign(_chain.Alice, new TransactionPayload.Script(publish, [], []), 50_000_000),
            _chain.Sign(_chain.Bob, Chain.Call("lab", "more")),
        ]);
        byte[] configure = Framework.Script("""
            script {
                use std::string;
                use theseus_framework::consensus_config;
                use theseus_framework::governance;
                use theseus_framework::versions;
                fun main() {
                    let fw = governance::resolve();
                    consensus_config::set(&fw, vector[string::utf8(b"blockInterval")], vector[300]);
                    versions::schedule(&fw, string::utf8(b"execution"), 2, x"5555555555555555555555555555555555555555555555555555555555555555", vector[], 30);
                }
            }
            """);
        _chain.Approve(configure);
        Run([_chain.Sign(_chain.Alice, new TransactionPayload.Script(configure, [], []), 50_000_000)]);
    }
}
