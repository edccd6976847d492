using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>
/// What a native function sees: its arguments, the session's services, a place for its results. Valid during the call only.
/// </summary>
public sealed class NativeCall
{
    private const int MaximumResults = 8;

    private readonly Value[] _results = new Value[MaximumResults];
    private Value[] _stack = [];
    private int _first;

    internal NativeCall(Session session) => Session = session;

    /// <summary>Memory, gas, events and global storage of the execution that makes the call.</summary>
    public Session Session { get; }

    /// <summary>Closed types, one for each type parameter of the native's declaration. Not to be written.</summary>
    public RuntimeType[] TypeArguments { get; private set; } = [];

    internal int ResultCount { get; private set; }

    internal void Begin(RuntimeType[] typeArguments, Value[] stack, int first)
    {
        TypeArguments = typeArguments;
        _stack = stack;
        _first = first;
        ResultCount = 0;
    }

    /// <summary>An argument, counted from 0.</summary>
    public ref readonly Value this[int index] => ref _stack[_first + index];

    /// <summary>Charges before work.</summary>
    public void Charge(long ticks) => Session.Gas.Charge(ticks);

    /// <summary>Charges a base and a price a byte.</summary>
    public void Charge(long start, long bytes, long price)
    {
        Session.Gas.Charge(start);
        Session.Gas.Charge(bytes, price);
    }

    /// <summary>Adds a result.</summary>
    public void Return(in Value value) => _results[ResultCount++] = value;

    /// <summary>Adds a vector&lt;u8&gt; that the native has just made.</summary>
    public void Return(byte[] bytes)
    {
        Session.Memory.Bytes(bytes.Length);
        Return(Value.Bytes(bytes));
    }

    internal Value Result(int index) => _results[index];
}
