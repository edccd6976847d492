namespace Theseus.Execution;

/// <summary>What the stack reads of 0x1::fee_parameters.</summary>
/// <param name="BlockGas">Gas units of a block.</param>
/// <param name="StorageBytePrice">Gas units for a byte written.</param>
public readonly record struct FeeParameters(ulong BlockGas, ulong StorageBytePrice);

/// <summary>Resources of the framework that the stack itself reads. Their layouts are frozen by the compatibility rules.</summary>
public static class FrameworkState
{
    private const int RootOffset = 8 + 1; // upgrades u64, length of the root

    private static readonly StateKey Registry = Key("code", "Registry");
    private static readonly StateKey Fees = Key("fee_parameters", "FeeParameters");
    private static readonly StateKey Coin = StateKey.Resource(
        Address.One, new StructTag(Address.One, "coin", "CoinInfo",
        [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))]));
    private static readonly StructTag Account = new(Address.One, "account", "Account", []);

    /// <summary>0x1::code::Registry {upgrades u64, code_root, source_digest, modules}.</summary>
    /// <exception cref="InvalidOperationException">The state is not of this chain.</exception>
    public static (Hash32 CodeRoot, IReadOnlyList<string> Modules) ReadRegistry(IStateReader state, FrameworkRules rules) =>
        TryReadRegistry(state, rules) ?? throw new InvalidOperationException("the state has no code registry");

    /// <summary>The code root alone: what a cache of code is asked for.</summary>
    /// <exception cref="InvalidOperationException">The state is not of this chain.</exception>
    public static Hash32 ReadCodeRoot(IStateReader state) =>
        state.TryGet(Registry) is { Length: >= RootOffset + Hash32.Length } bytes && bytes[RootOffset - 1] == Hash32.Length
            ? new Hash32(bytes.AsSpan(RootOffset, Hash32.Length))
            : throw new InvalidOperationException("the state has no code registry");

    /// <summary>The registry, or null when there is none or it does not decode.</summary>
    public static (Hash32 CodeRoot, IReadOnlyList<string> Modules)? TryReadRegistry(IStateReader state, FrameworkRules rules)
    {
        if (state.TryGet(Registry) is not byte[] bytes)
        {
            return null;
        }

        try
        {
            BcsReader reader = new(bytes);
            reader.U64();
            ReadOnlySpan<byte> root = reader.BytesView(Hash32.Length);
            reader.BytesView(Hash32.Length);
            string[] names = new string[reader.Count(rules.Modules)];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = reader.Text(byte.MaxValue);
            }

            return root.Length == Hash32.Length ? (new Hash32(root), names) : null;
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>
    /// 0x1::fee_parameters::FeeParameters {minimum gas price, block gas, storage byte price, burn permille}; null when it
    /// cannot be read.
    /// </summary>
    public static FeeParameters? TryReadFees(IStateReader state)
    {
        if (state.TryGet(Fees) is not byte[] bytes)
        {
            return null;
        }

        try
        {
            BcsReader reader = new(bytes);
            reader.U64();
            return new FeeParameters(reader.U64(), reader.U64());
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>
    /// Sequence number of an account, null when there is none: 0x1::account::Account {authentication key, sequence number}.
    /// </summary>
    public static ulong? ReadSequenceNumber(IStateReader state, Address account)
    {
        if (state.TryGet(StateKey.Resource(account, Account)) is not byte[] bytes)
        {
            return null;
        }

        try
        {
            BcsReader reader = new(bytes);
            reader.BytesView(Hash32.Length);
            return reader.U64();
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>
    /// The write that takes coins which nobody holds any more out of the supply: 0x1::coin::CoinInfo {name, symbol, decimals,
    /// genesis, minted, burned}.
    /// Null when it cannot be read or holds less than that.
    /// </summary>
    public static StateWrite? TryBurn(IStateReader state, ulong amount)
    {
        if (state.TryGet(Coin) is not byte[] bytes)
        {
            return null;
        }

        try
        {
            BcsReader reader = new(bytes);
            reader.BytesView(bytes.Length);
            reader.BytesView(bytes.Length);
            reader.U8();
            UInt128 issued = reader.U128() + reader.U128();
            UInt128 burned = reader.U128() + amount;
            reader.End();
            return burned <= issued ? new StateWrite(Coin, [
                .. bytes.AsSpan(0, bytes.Length - 16), .. new BcsWriter(16).U128(burned).Written]) : null;
        }
        catch (BcsException)
        {
            return null;
        }
    }

    private static StateKey Key(string module, string name) => StateKey.Resource(Address.One, new StructTag(Address.One, module, name, []));
}
