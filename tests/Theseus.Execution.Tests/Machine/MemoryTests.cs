using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>What a session may allocate bounds what it does allocate, whatever the shape of its values. // fault 70</summary>
public class MemoryTests
{
    private const long Allowed = 16L << 20;

    /// <summary>Frames of the first call, boxes of the test itself.</summary>
    private const long Slack = 512 << 10;

    private const string Source = """
        module 0x1::heap {
            use std::bcs;
            use std::from_bcs;
            use std::hash;
            use std::vector;

            struct One has copy, drop, store { a: u8 }
            struct Nest has copy, drop, store { a: One, b: vector<One>, c: address }
            const EMPTY: vector<vector<u8>> = vector[x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x"", x""];

            public fun u128s() { let v = vector::empty<u128>(); let i = 0u128; loop { i = i + 1; vector::push_back(&mut v, i); } }
            public fun u256s() { let v = vector::empty<u256>(); let i = 0u256; loop { i = i + 1; vector::push_back(&mut v, i); } }
            public fun casts() { let v = vector::empty<u256>(); let i = 0; loop { i = i + 1; vector::push_back(&mut v, (i as u256)); } }
            public fun shifts() { let v = vector::empty<u128>(); let i = 1u128; loop { vector::push_back(&mut v, i << 3); } }
            public fun garbage() { let i = 0u256; loop { i = i ^ 1; } }
            public fun addresses() {
                let v = vector::empty<address>();
                loop { vector::push_back(&mut v, from_bcs::to_address(bcs::to_bytes(&@0x7))); }
            }
            public fun empties() { let v = vector::empty<vector<u8>>(); loop { vector::push_back(&mut v, vector::empty<u8>()); } }
            public fun singles() { let v = vector::empty<vector<u8>>(); loop { vector::push_back(&mut v, x"07"); } }
            public fun odd() {
                let v = vector::empty<vector<u8>>();
                loop { vector::push_back(&mut v, x"0707070707070707070707070707070707"); }
            }
            public fun bytes() { let v = vector::empty<u8>(); loop { vector::push_back(&mut v, 7); } }
            public fun numbers() { let v = vector::empty<u64>(); loop { vector::push_back(&mut v, 7); } }
            public fun structs() { let v = vector::empty<One>(); loop { vector::push_back(&mut v, One { a: 1 }); } }
            public fun packed() { let v = vector::empty<vector<u64>>(); loop { vector::push_back(&mut v, vector[1]); } }
            public fun nested() {
                let v = vector::empty<Nest>();
                loop { vector::push_back(&mut v, Nest { a: One { a: 1 }, b: vector[One { a: 2 }], c: @0x7 }); }
            }
            public fun copies() {
                let one = Nest { a: One { a: 1 }, b: vector[One { a: 2 }, One { a: 3 }], c: @0x7 };
                let v = vector::empty<Nest>();
                loop { vector::push_back(&mut v, *&one); }
            }
            public fun copied_empties() {
                let one = vector[x"", x"", x""];
                let v = vector::empty<vector<vector<u8>>>();
                loop { vector::push_back(&mut v, *&one); }
            }
            public fun constants() { let v = vector::empty<vector<vector<u8>>>(); loop { vector::push_back(&mut v, EMPTY); } }
            public fun hashes() { let v = vector::empty<vector<u8>>(); loop { vector::push_back(&mut v, hash::sha2_256(x"")); } }
            public fun encoded() {
                let wide = vector[@0x1, @0x2, @0x3, @0x4, @0x5];
                let v = vector::empty<vector<u8>>();
                loop { vector::push_back(&mut v, bcs::to_bytes(&wide)); }
            }
            public fun frames(n: u64) { let a = n; let b = a; let c = b; if (n > 0) { frames(n - 1) }; let _ = a + b + c; }
            public fun deep() { loop { frames(1000); let v = vector::empty<u64>(); vector::push_back(&mut v, 1); } }
        }
        """;

    private static readonly Lazy<CodeSnapshot> Code = new(() =>
    {
        SortedDictionary<ModuleId, byte[]> modules = [];
        foreach (byte[] blob in Framework.Modules.Append(Framework.Lone(Source, onFramework: true)))
        {
            modules.Add(Framework.IdOf(blob), blob);
        }

        Theseus.Move.Rules.MoveRules rules = Chain.Oldest.Move with { Limits = Chain.Oldest.Move.Limits with { Memory = Allowed } };
        return CodeSnapshot.Load(Hash32.Zero, rules, Chain.Oldest.Natives, id => modules.GetValueOrDefault(id));
    });

    [Theory]
    [InlineData("u128s")]
    [InlineData("u256s")]
    [InlineData("casts")]
    [InlineData("shifts")]
    [InlineData("garbage")]
    [InlineData("addresses")]
    [InlineData("empties")]
    [InlineData("singles")]
    [InlineData("odd")]
    [InlineData("bytes")]
    [InlineData("numbers")]
    [InlineData("structs")]
    [InlineData("packed")]
    [InlineData("nested")]
    [InlineData("copies")]
    [InlineData("copied_empties")]
    [InlineData("constants")]
    [InlineData("hashes")]
    [InlineData("encoded")]
    [InlineData("deep")]
    public void WhatIsAllowedBoundsWhatIsAllocated(string function)
    {
        Run(function); // code is decoded and compiled by the first run
        long before = GC.GetAllocatedBytesForCurrentThread();
        StatusCode status = Run(function);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(StatusCode.MemoryLimitExceeded, status);
        Assert.True(allocated <= Allowed + Slack, $"{function}: {allocated:N0} bytes allocated, {Allowed:N0} allowed");
    }

    private static StatusCode Run(string function)
    {
        Session session = new(Code.Value, new MapState(), new TestFacts(), new GasMeter(GasMeter.Unlimited));
        return session.CallFunction(new ModuleId(Address.One, "heap"), function, [], [], []).Status.Major;
    }
}
