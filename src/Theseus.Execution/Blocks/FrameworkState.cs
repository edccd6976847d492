namespace Theseus.Execution;

/// <summary>Resources of the framework that the stack itself reads. Their layouts are frozen by the compatibility rules.</summary>
public static class FrameworkState
{
    /// <summary>Names of 0x1 at most: what one bundle may hold (code.move).</summary>
    private const int MaximumModules = 1_000;

    private static readonly StateKey Registry = Key("code", "Registry");
    private static readonly StateKey Fees = Key("fee_parameters", "FeeParameters");

    /// <summary>0x1::code::Registry {upgrades u64, code_root, source_digest, modules}.</summary>
    public static (Hash32 CodeRoot, IReadOnlyList<string> Modules) ReadRegistry(IStateReader state)
    {
        byte[] bytes = state.TryGet(Registry) ?? throw new InvalidOperationException("the state has no code registry");
        BcsReader reader = new(bytes);
        reader.U64();
        Hash32 root = new(reader.BytesView(Hash32.Length));
        reader.BytesView(Hash32.Length);
        string[] names = new string[reader.Count(MaximumModules)];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text(byte.MaxValue);
        }

        return (root, names);
    }

    /// <summary>0x1::fee_parameters::FeeParameters {minimum gas price, block gas, storage byte price, burn permille}.</summary>
    public static (ulong BlockGas, ulong StorageBytePrice) ReadFees(IStateReader state)
    {
        byte[] bytes = state.TryGet(Fees) ?? throw new InvalidOperationException("the state has no fee parameters");
        BcsReader reader = new(bytes);
        reader.U64();
        return (reader.U64(), reader.U64());
    }

    /// <summary>Sequence number of an account, null when there is none: 0x1::account::Account {authentication key, sequence number}.</summary>
    public static ulong? ReadSequenceNumber(IStateReader state, Address account)
    {
        if (state.TryGet(StateKey.Resource(account, new StructTag(Address.One, "account", "Account", []))) is not byte[] bytes)
        {
            return null;
        }

        BcsReader reader = new(bytes);
        reader.BytesView(Hash32.Length);
        return reader.U64();
    }

    private static StateKey Key(string module, string name) => StateKey.Resource(Address.One, new StructTag(Address.One, module, name, []));
}
