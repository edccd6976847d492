using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Natives;

public sealed class NativeTests
{
    private static readonly T Bytes = T.Vector(T.U8);

    private static byte[] Bcs(string text) => World.Bytes(Encoding.UTF8.GetBytes(text));

    /// <summary>A module at 0x1 whose function "call" forwards to the native.</summary>
    private static World Forwarding(string module, string native, T[] parameters, T[] results, MoveRules? rules = null,
        params Abilities[] typeParameters)
    {
        ModuleBuilder b = new(module, 1);
        ushort handle = b.Native(native, parameters, results, Visibility.Private, typeParameters);
        List<Instruction> code = [.. parameters.Select((_, i) => I(Opcode.MoveLoc, (ulong)i))];
        code.Add(typeParameters.Length == 0 ? I(Opcode.Call, handle)
            : I(Opcode.CallGeneric, b.FunctionInstance(handle, [.. typeParameters.Select((_, i) => T.TypeParameter((ushort)i))])));
        code.Add(I(Opcode.Ret));
        b.Function("call", parameters, results, [], [.. code], typeParameters: typeParameters);
        return new World(rules).With(b.Build());
    }

    private static CallResult Call(World world, string module, byte[][] arguments, TypeTag[]? types = null, Address[]? signers = null) =>
        world.Session().CallFunction(World.Id(module, 1), "call", types ?? [], arguments, signers ?? []);

    [Theory]
    [InlineData("native_sha2_256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("native_sha3_256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    [InlineData("native_keccak256", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    public void HashesOfAbc(string native, string expected)
    {
        World world = Forwarding("hash", native, [Bytes], [Bytes]);
        Assert.Equal(World.Bytes(Convert.FromHexString(expected)), Call(world, "hash", [Bcs("abc")]).Values[0].Value);
    }

    [Fact]
    public void ToBytesIsBcsOfAnyValue()
    {
        World world = Forwarding("bcs", "native_to_bytes", [T.Reference(T.TypeParameter(0))], [Bytes], null, Abilities.None);
        Assert.Equal(World.Bytes(World.U64(258)), Call(world, "bcs", [World.U64(258)], [TypeTag.U64]).Values[0].Value);
        Assert.Equal(World.Bytes(2, 1, 0), Call(world, "bcs", [[2, 1, 0]], [TypeTag.Vector(TypeTag.Bool)]).Values[0].Value);
        Assert.Equal(World.Bytes(World.Addr(7)), Call(world, "bcs", [World.Addr(7)], [TypeTag.Address]).Values[0].Value);
    }

    [Fact]
    public void FromBytesTakesCanonicalBytesOnly()
    {
        World world = Forwarding("from_bcs", "from_bytes", [Bytes], [T.TypeParameter(0)], null, Abilities.None);
        Assert.Equal([1], Call(world, "from_bcs", [World.Bytes(1)], [TypeTag.Bool]).Values[0].Value);
        foreach (byte[] bad in (byte[][])[[2], [1, 1], []])
        {
            CallResult result = Call(world, "from_bcs", [World.Bytes(bad)], [TypeTag.Bool]);
            Assert.Equal(StatusCode.Aborted, result.Status.Major);
            Assert.Equal(0x10001ul, result.Status.Sub);
            Assert.Equal(World.Id("from_bcs", 1), result.Status.Location.Module);
        }

        Assert.Equal(0x10001ul, Call(world, "from_bcs", [World.Bytes(0x80, 0)], [TypeTag.Vector(TypeTag.U8)]).Status.Sub);
        // signers are never decoded
        Assert.Equal(0x10001ul, Call(world, "from_bcs", [World.Bytes(World.Addr(1))], [TypeTag.Signer]).Status.Sub);
    }

    [Fact]
    public void TheAddressOfASigner()
    {
        World world = Forwarding("signer", "native_borrow_address", [T.Reference(T.Signer)], [T.Reference(T.Address)]);
        Assert.Equal(World.Addr(0x77), Call(world, "signer", [], signers: [Address.FromShort(0x77)]).Values[0].Value);
    }

    [Fact]
    public void Utf8IsStrict()
    {
        World world = Forwarding("string", "internal_check_utf8", [T.Reference(Bytes)], [T.Bool]);
        (byte[] Text, byte Valid)[] cases =
        [
            ([], 1), ("aé€😀"u8.ToArray(), 1), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
            ([0xE2, 0x82], 0), ([0x80], 0),
        ];
        foreach ((byte[] text, byte valid) in cases)
        {
            Assert.Equal([valid], Call(world, "string", [World.Bytes(text)]).Values[0].Value);
        }
    }

    [Fact]
    public void CharacterBoundariesAndPartsOfText()
    {
        World boundary = Forwarding("string", "internal_is_char_boundary", [T.Reference(Bytes), T.U64], [T.Bool]);
        byte[] expected = [1, 1, 0, 1, 0]; // a é: boundaries at 0, 1, 3
        for (ulong i = 0; i < 5; i++)
        {
            Assert.Equal([expected[i]], Call(boundary, "string", [Bcs("aé"), World.U64(i)]).Values[0].Value);
        }

        World part = Forwarding("string", "internal_sub_string", [T.Reference(Bytes), T.U64, T.U64], [Bytes]);
        Assert.Equal(Bcs("é"), Call(part, "string", [Bcs("aéb"), World.U64(1), World.U64(3)]).Values[0].Value);
        Assert.Equal(StatusCode.Aborted, Call(part, "string", [Bcs("aéb"), World.U64(1), World.U64(2)]).Status.Major);
        Assert.Equal(StatusCode.Aborted, Call(part, "string", [Bcs("aéb"), World.U64(2), World.U64(1)]).Status.Major);
        Assert.Equal(StatusCode.Aborted, Call(part, "string", [Bcs("aéb"), World.U64(1), World.U64(9)]).Status.Major);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 5)]
    public void WhatAnAbsentTextAnswersIsASwitch(bool corrected, ulong absent)
    {
        World world = Forwarding("string", "internal_index_of", [T.Reference(Bytes), T.Reference(Bytes)], [T.U64],
            new MoveRules { Behaviours = new Behaviours { StringIndexOfAbsentIsLength = corrected } });
        Assert.Equal(World.U64(absent), Call(world, "string", [Bcs("hello"), Bcs("x")]).Values[0].Value);
        Assert.Equal(World.U64(2), Call(world, "string", [Bcs("hello"), Bcs("l")]).Values[0].Value);
        Assert.Equal(World.U64(0), Call(world, "string", [Bcs("hello"), Bcs("")]).Values[0].Value);
    }

    [Fact]
    public void TypesHaveNames()
    {
        World world = Forwarding("type_info", "native_type_name", [], [Bytes], null, Abilities.None);
        ModuleBuilder b = new("m");
        b.Struct("S", Abilities.None, [new StructTypeParameter(Abilities.None, false), new StructTypeParameter(Abilities.None, false)],
            ("f", T.U8));
        world.With(b.Build());
        TypeTag tag = TypeTag.Of(new StructTag(Address.FromShort(0x42), "m", "S", [TypeTag.U8, TypeTag.Vector(TypeTag.Bool)]));
        string address = "0x" + new string('0', 62) + "42";
        Assert.Equal(Bcs($"{address}::m::S<u8,vector<bool>>"), Call(world, "type_info", [], [tag]).Values[0].Value);

        world = Forwarding("type_info", "native_type_of", [], [T.Address, Bytes, Bytes], null, Abilities.None).With(b.Build());
        Assert.Equal([World.Addr(0x42), Bcs("m"), Bcs("S<u8,vector<bool>>")],
            Call(world, "type_info", [], [tag]).Values.Select(v => v.Value));
        Assert.Equal(0x10001ul, Call(world, "type_info", [], [TypeTag.U8]).Status.Sub);
    }

    [Fact]
    public void EventsCarryTypeAndBcs()
    {
        World world = Forwarding("event", "native_emit", [T.TypeParameter(0)], [], null, Abilities.Drop | Abilities.Store);
        Session session = world.Session();
        Assert.True(session.CallFunction(World.Id("event", 1), "call", [TypeTag.U64], [World.U64(9)], []).Status.IsSuccess);
        ContractEvent happened = Assert.Single(session.Finish().Events);
        Assert.Equal(TypeTag.U64, happened.Type);
        Assert.Equal(World.U64(9), happened.Data);
    }

    [Fact]
    public void EventsAreBounded()
    {
        World world = Forwarding("event", "native_emit", [T.TypeParameter(0)], [],
            new MoveRules { Limits = new RuntimeLimits { EventBytes = 15 } }, Abilities.Drop | Abilities.Store);
        Session session = world.Session();
        Assert.True(session.CallFunction(World.Id("event", 1), "call", [TypeTag.U64], [World.U64(9)], []).Status.IsSuccess);
        Assert.Equal(StatusCode.StorageWriteLimitReached,
            session.CallFunction(World.Id("event", 1), "call", [TypeTag.U64], [World.U64(9)], []).Status.Major);
    }

    [Fact]
    public void SquareRootsOfFixedPointNumbersRoundDown()
    {
        World half = Forwarding("fixed_point32", "native_sqrt", [T.U64], [T.U64]);
        (ulong Raw, ulong Root)[] cases =
            [(0, 0), (4ul << 32, 2ul << 32), (2ul << 32, 6074000999), (ulong.MaxValue, 281474976710655), (1, 65536)];
        foreach ((ulong raw, ulong root) in cases)
        {
            // floor(sqrt(raw * 2^32)), checked by squaring
            Assert.True((System.Numerics.BigInteger)root * root <= ((System.Numerics.BigInteger)raw << 32));
            Assert.True(((System.Numerics.BigInteger)root + 1) * ((System.Numerics.BigInteger)root
                + 1) > ((System.Numerics.BigInteger)raw << 32));
            Assert.Equal(World.U64(root), Call(half, "fixed_point32", [World.U64(raw)]).Values[0].Value);
        }

        World full = Forwarding("fixed_point64", "native_sqrt", [T.U128], [T.U128]);
        Assert.Equal(World.U128((UInt128)3 << 64), Call(full, "fixed_point64", [World.U128((UInt128)9 << 64)]).Values[0].Value);
    }

    [Fact]
    public void FactsOfTheBlockAndOfTheRecord()
    {
        World world = Forwarding("block_context", "get", [T.U8], [Bytes]);
        world.Facts.Block = world.Facts.Block with
        {
            Height = 12, Epoch = 3, Proposer = Address.FromShort(5), Missed = [Address.FromShort(6)],
            Validators = [new ValidatorEntry(Address.FromShort(5), Hash32.Zero, 40)],
        };
        Assert.Equal(World.Bytes(World.U64(12)), Call(world, "block_context", [[0]]).Values[0].Value);
        Assert.Equal(World.Bytes(World.U64(3)), Call(world, "block_context", [[2]]).Values[0].Value);
        Assert.Equal(World.Bytes(World.Addr(5)), Call(world, "block_context", [[3]]).Values[0].Value);
        Assert.Equal(World.Bytes([1, .. World.Addr(6)]), Call(world, "block_context", [[4]]).Values[0].Value);
        Assert.Equal(World.Bytes([1, .. World.Addr(5)]), Call(world, "block_context", [[8]]).Values[0].Value);
        Assert.Equal(World.Bytes([1, .. World.U64(40)]), Call(world, "block_context", [[9]]).Values[0].Value);

        World record = Forwarding("protocol_record", "component", [Bytes, T.U8], [Bytes]);
        record.Facts.Set(new ComponentFact("execution", 1, Hash32.Zero, 2, Hash32.Zero, 99, 0, 16));
        Assert.Equal(World.Bytes(World.U64(1)), Call(record, "protocol_record", [Bcs("execution"), [0]]).Values[0].Value);
        Assert.Equal(World.Bytes([32, .. new byte[32]]), Call(record, "protocol_record", [Bcs("execution"), [1]]).Values[0].Value);
        Assert.Equal(World.Bytes(World.U64(99)), Call(record, "protocol_record", [Bcs("execution"), [4]]).Values[0].Value);
        Assert.Equal(World.Bytes(), Call(record, "protocol_record", [Bcs("unknown"), [0]]).Values[0].Value);
    }

    [Fact]
    public void TablesKeepItemsAsStateValuesOfTheirOwn()
    {
        ModuleBuilder b = new("table", 1);
        ushort table = b.Struct("Table", Abilities.Store,
            [new StructTypeParameter(Abilities.Copy | Abilities.Drop, true), new StructTypeParameter(Abilities.None, true)],
            ("handle", T.Address), ("length", T.U64));
        ushort box = b.Struct("Box", Abilities.Key | Abilities.Drop | Abilities.Store, [new StructTypeParameter(Abilities.None, false)],
            ("val", T.TypeParameter(0)));
        Abilities[] generics = [Abilities.Copy | Abilities.Drop, Abilities.None, Abilities.None];
        T k = T.TypeParameter(0), v = T.TypeParameter(1);
        T tableType = b.TypeOf(table, k, v), boxType = b.TypeOf(box, v), concrete = b.TypeOf(table, T.U64, T.U8);
        T concreteBox = b.TypeOf(box, T.U8);
        ushort handle = b.Native("new_table_handle", [], [T.Address], Visibility.Private, Abilities.None, Abilities.None);
        ushort add = b.Native("add_box", [T.MutableReference(tableType), k, boxType], [], Visibility.Private, generics);
        ushort borrow = b.Native("borrow_box_mut", [T.MutableReference(tableType), k], [T.MutableReference(boxType)], Visibility.Private,
            generics);
        ushort contains = b.Native("contains_box", [T.Reference(tableType), k], [T.Bool], Visibility.Private, generics);
        ushort remove = b.Native("remove_box", [T.MutableReference(tableType), k], [boxType], Visibility.Private, generics);
        ushort newU64 = b.FunctionInstance(handle, T.U64, T.U8);
        T[] arguments = [T.U64, T.U8, concreteBox];
        ushort packTable = b.StructInstance(table, T.U64, T.U8), packBox = b.StructInstance(box, T.U8),
            field = b.FieldInstance(box, 0, T.U8);
        ushort keep = b.Struct("Keep", Abilities.Key, ("t", concrete)), keepField = b.Field(keep, 0);
        b.Function("make", [T.Reference(T.Signer)], [T.Address], [T.Address],
            [I(Opcode.CallGeneric, newU64), I(Opcode.StLoc, 1), I(Opcode.MoveLoc, 0), I(Opcode.CopyLoc, 1), I(Opcode.LdU64, 0),
                I(Opcode.PackGeneric, packTable), I(Opcode.Pack, keep), I(Opcode.MoveTo, keep), I(Opcode.MoveLoc, 1), I(Opcode.Ret)]);
        Instruction[] open = [I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, keep), I(Opcode.MutBorrowField, keepField),
            I(Opcode.MoveLoc, 1)];
        b.Function("add", [T.Address, T.U64, T.U8], [], [],
            [.. open, I(Opcode.MoveLoc, 2), I(Opcode.PackGeneric, packBox), I(Opcode.CallGeneric, b.FunctionInstance(add, arguments)),
                I(Opcode.Ret)], acquires: [keep]);
        b.Function("set", [T.Address, T.U64, T.U8], [], [],
            [I(Opcode.MoveLoc, 2), .. open, I(Opcode.CallGeneric, b.FunctionInstance(borrow, arguments)),
                I(Opcode.MutBorrowFieldGeneric, field), I(Opcode.WriteRef), I(Opcode.Ret)], acquires: [keep]);
        b.Function("has", [T.Address, T.U64], [T.Bool], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.ImmBorrowGlobal, keep), I(Opcode.ImmBorrowField, keepField), I(Opcode.MoveLoc, 1),
                I(Opcode.CallGeneric, b.FunctionInstance(contains, arguments)), I(Opcode.Ret)], acquires: [keep]);
        b.Function("take", [T.Address, T.U64], [T.U8], [],
            [.. open, I(Opcode.CallGeneric, b.FunctionInstance(remove, arguments)), I(Opcode.UnpackGeneric, packBox), I(Opcode.Ret)],
            acquires: [keep]);
        World world = new World().With(b.Build());
        byte[] owner = World.Addr(9), key = World.U64(4);

        CallResult Run(string function, params byte[][] args)
        {
            Session session = world.Session();
            CallResult result = session.CallFunction(World.Id("table", 1), function, [], args, function == "make" ? [Address.FromShort(9)]
                : []);
            if (result.Status.IsSuccess)
            {
                SessionOutput output = session.Finish();
                world.Apply(output.Writes);
                last = output.Writes;
            }

            return result;
        }

        byte[] made = Run("make").Values[0].Value; // SHA3-256("THESEUS::Table" ‖ 32 zero bytes ‖ u32 0), execution 3
        byte[] preimage = [.. "THESEUS::Table"u8, .. new byte[36]];
        Assert.Equal(Theseus.Consensus.Sha3.Hash256(preimage), made);
        StateKey item = StateKey.TableItem(new Hash32(made), key);
        Assert.True(Run("add", owner, key, [7]).Status.IsSuccess);
        StateWrite write = Assert.Single(last.Writes);
        Assert.Equal(item, write.Key);
        Assert.Equal([7], write.Value);
        CallResult again = Run("add", owner, key, [8]);
        Assert.Equal(StatusCode.Aborted, again.Status.Major);
        Assert.Equal(TableNatives_AlreadyExists, again.Status.Sub);
        Assert.True(Run("set", owner, key, [7]).Status.IsSuccess);
        Assert.Empty(last.Writes);
        Assert.True(Run("set", owner, key, [9]).Status.IsSuccess);
        Assert.Equal([9], Assert.Single(last.Writes).Value);
        Assert.Equal([1], Run("has", owner, key).Values[0].Value);
        Assert.Equal([0], Run("has", owner, World.U64(5)).Values[0].Value);
        Assert.Equal([9], Run("take", owner, key).Values[0].Value);
        Assert.Null(Assert.Single(last.Writes).Value);
        Assert.Equal((101ul << 8) + 7, Run("take", owner, key).Status.Sub);
    }

    private const ulong TableNatives_AlreadyExists = (100 << 8) + 7;

    private WriteSet last = WriteSet.Empty;

    [Fact]
    public void TheFirstSetOfRulesHas28NativesToPick()
    {
        // execution 4.10: hash 2, bcs 1, from_bcs 1, signer 1, string 4, type_info 2, event 1, account 1, code 1,
        // transaction_context 2, block_context 1, protocol_record 1, ed25519 2, table 8
        string[] modules = ["account", "bcs", "block_context", "code", "ed25519", "event", "from_bcs", "hash", "protocol_record", "signer",
            "string", "table", "transaction_context", "type_info"];
        NativeTable all = StandardNatives.All((_, _, _) => true, _ => true);
        Assert.Equal(28, all.Names.Count(n => modules.Contains(n.Module) && n.Name != "native_keccak256"));
        NativeTable picked = all.Pick([new NativeId("hash", "native_sha2_256")]);
        Assert.Equal(["hash::native_sha2_256"], picked.Names.Select(n => n.ToString()));
        Assert.Null(picked.Find(new NativeId("hash", "native_sha3_256")));
    }
}
