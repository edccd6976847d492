using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>
/// Runs decoded code: the executable meaning of the bytecode. Iterative: Move calls do not consume .NET stack. Frames lie on
/// shared chunks whose arrays never move,
/// so that references to locals stay valid; arguments become the callee's locals where they lie.
/// </summary>
internal sealed partial class Interpreter
{
    private readonly Session _session;
    private readonly NativeCall _native;
    private readonly RuntimeLimits _limits;
    private Frame[] _frames = []; // while a function runs
    private int _depth;
    private readonly List<Value[]> _chunks = [];

    public Interpreter(Session session)
    {
        _session = session;
        _native = new NativeCall(session);
        _limits = session.Snapshot.Rules.Limits;
    }

    internal struct Frame
    {
        public FunctionInstance Function;
        public Value[] Stack;

        /// <summary>Which chunk the stack is.</summary>
        public int Chunk;

        /// <summary>Position of the first local.</summary>
        public int Base;

        /// <summary>Next op; what a failure's location is derived from.</summary>
        public int Pc;

        /// <summary>Operand top while a callee runs, its arguments taken off.</summary>
        public int Top;

        /// <summary>Operands that waiting frames hold.</summary>
        public int Operands;
    }

    /// <summary>Runs a function to its end. A failure's location names the frame it happened in.</summary>
    public VmStatus Run(FunctionInstance function, Value[] arguments, out Value[] results)
    {
        results = [];
        _depth = 0;
        _frames = _session.Snapshot.Chunks.TakeFrames();
        try
        {
            if (function.Function.IsNative)
            {
                return RunNative(function, arguments, out results);
            }

            _frames[0] = new Frame { Function = function }; // a failure on the next two lines has its place already
            DecodedCode code = function.Function.Code;
            _frames[0].Stack = Chunk(0, code);
            arguments.CopyTo(_frames[0].Stack, 0);
            VmStatus? failure = Loop();
            if (failure is not null)
            {
                return failure;
            }

            results = _frames[0].Stack.AsSpan(0, code.Results).ToArray();
            return VmStatus.Success;
        }
        catch (VmException failed)
        {
            return Failed(failed.Status, failed.Sub, failed.Message);
        }
        finally
        {
            // No result refers to a local (reference safety), and what a run returns is copied: the chunks are free.
            foreach (Value[] chunk in _chunks)
            {
                _session.Snapshot.Chunks.Return(chunk);
            }

            _chunks.Clear();
            _session.Snapshot.Chunks.Return(_frames);
            _frames = [];
        }
    }

    private VmStatus RunNative(FunctionInstance function, Value[] arguments, out Value[] results)
    {
        results = [];
        _frames[0] = new Frame { Function = function, Stack = arguments, Pc = 1 };
        NativeFunction native = function.Function.Native ?? throw new VmException(
            StatusCode.MissingDependency, $"native {function.Function.Name}");
        _native.Begin(function.Arguments, arguments, 0);
        if (native(_native) is ulong code)
        {
            return Failed(StatusCode.Aborted, code, "");
        }

        results = [.. Enumerable.Range(0, _native.ResultCount).Select(_native.Result)];
        return VmStatus.Success;
    }

    /// <summary>
    /// A chunk that holds a frame of the function from position 0. Chunks are kept for the run: a loop of calls across an edge
    /// must not allocate.
    /// </summary>
    private Value[] Chunk(int index, DecodedCode code)
    {
        int needed = int.Max(code.Locals + code.MaxStack, code.Results) + 1;
        if (index == _chunks.Count)
        {
            int size = int.Max(SpareChunks.Size, needed);
            _session.Memory.Vector(size);
            _chunks.Add(size == SpareChunks.Size ? _session.Snapshot.Chunks.Take() : new Value[size]);
        }
        else if (_chunks[index].Length < needed)
        {
            _session.Memory.Vector(needed);
            _chunks[index] = new Value[needed];
        }

        return _chunks[index];
    }

    private VmStatus Failed(StatusCode status, ulong? sub, string message)
    {
        ref Frame frame = ref _frames[_depth];
        LoadedFunction function = frame.Function.Function;
        int offset = 0;
        if (!function.IsNative)
        {
            // a function may fail while its code is being decoded: it has no ops yet
            int[] offsets = frame.Pc > 0 ? function.Code.Offsets : [];
            offset = frame.Pc > 0 && frame.Pc <= offsets.Length ? offsets[frame.Pc - 1] : 0;
        }

        bool isScript = function.Unit.IsScript;
        VmLocation place = new(isScript ? null : function.Unit.Id, isScript, function.Index, offset, isScript ? null : function.Name);
        return new VmStatus(status, sub, place, message);
    }

    private VmStatus Trap(StatusCode status, int pc, ulong? sub = null, string message = "")
    {
        _frames[_depth].Pc = pc;
        return Failed(status, sub, message);
    }

    /// <summary>Null when the first frame has returned; its results then lie from position 0.</summary>
    private VmStatus? Loop()
    {
        GasMeter gas = _session.Gas;
        ICoverageSink? coverage = _session.Coverage;
        FunctionInstance function = _frames[0].Function;
        DecodedCode body = function.Function.Code;
        Op[] code = body.Ops;
        Value[] stack = _frames[0].Stack;
        int start = 0;
        int top = body.Locals;
        int operands = 0;
        int pc = 0;
        while (true)
        {
            ref Op op = ref code[pc++];
            switch (op.Act)
            {
                case Act.Charge:
                    coverage?.Enter(function.Function, function.Function.Code.Offsets[pc - 1]);
                    gas.Left -= (long)op.Imm;
                    if (gas.Left < 0)
                    {
                        gas.Left = 0;
                        return Trap(StatusCode.OutOfGas, pc);
                    }

                    break;
                case Act.Pop:
                    top--;
                    break;
                case Act.LdImm:
                    stack[top++] = new Value(op.Imm);
                    break;
                case Act.LdBox:
                    stack[top++] = new Value(0, op.Object);
                    break;
                case Act.LdConst:
                    _frames[_depth].Pc = pc;
                    _session.Memory.Words(op.A);
                    stack[top++] = ValueRules.Copy(new Value(Value.Aggregate, op.Object));
                    break;
                case Act.CopyPlain:
                    stack[top++] = stack[start + op.A];
                    break;
                case Act.CopyDeep:
                {
                    ref Value local = ref stack[start + op.A];
                    if (local.IsAggregate)
                    {
                        _frames[_depth].Pc = pc;
                        _session.ChargeCopy(local);
                        stack[top++] = ValueRules.Copy(local);
                    }
                    else
                    {
                        stack[top++] = local;
                    }

                    break;
                }

                case Act.MoveLoc:
                    stack[top++] = stack[start + op.A];
                    stack[start + op.A].Ref = null;
                    break;
                case Act.StLoc:
                    stack[start + op.A] = stack[--top];
                    break;
                case Act.BorrowLoc:
                {
                    ref Value local = ref stack[start + op.A];
                    stack[top++] = local.IsAggregate ? local : new Value((ulong)(start + op.A), stack);
                    break;
                }

                case Act.BorrowField:
                {
                    Value[] fields = (Value[])stack[top - 1].Ref!;
                    ref Value field = ref fields[op.A];
                    stack[top - 1] = field.IsAggregate ? field : new Value((ulong)op.A, fields);
                    break;
                }

                case Act.ReadPlain:
                {
                    ref Value reference = ref stack[top - 1];
                    stack[top - 1] = reference.Target;
                    break;
                }

                case Act.ReadDeep:
                {
                    Value target = stack[top - 1].Target;
                    if (target.IsAggregate)
                    {
                        _frames[_depth].Pc = pc;
                        _session.ChargeCopy(target);
                        target = ValueRules.Copy(target);
                    }

                    stack[top - 1] = target;
                    break;
                }

                case Act.WriteRef:
                    top -= 2;
                    ValueRules.Write(stack[top + 1], stack[top]);
                    break;
                case Act.BrTrue:
                    if (stack[--top].Bits != 0)
                    {
                        pc = op.B;
                    }

                    break;
                case Act.BrFalse:
                    if (stack[--top].Bits == 0)
                    {
                        pc = op.B;
                    }

                    break;
                case Act.Branch:
                    pc = op.B;
                    break;
                case Act.AddU64:
                {
                    ulong left = stack[top - 2].Bits, sum = left + stack[top - 1].Bits;
                    if (sum < left)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits = sum;
                    break;
                }

                case Act.AddSmall:
                {
                    ulong sum = stack[top - 2].Bits + stack[top - 1].Bits;
                    if (sum > op.Imm)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits = sum;
                    break;
                }

                case Act.Sub:
                {
                    ulong left = stack[top - 2].Bits, right = stack[top - 1].Bits;
                    if (right > left)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits = left - right;
                    break;
                }

                case Act.MulU64:
                {
                    if (Math.BigMul(stack[top - 2].Bits, stack[top - 1].Bits, out ulong product) != 0)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits = product;
                    break;
                }

                case Act.MulSmall:
                {
                    ulong product = stack[top - 2].Bits * stack[top - 1].Bits;
                    if (product > op.Imm)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits = product;
                    break;
                }

                case Act.Div:
                {
                    ulong divisor = stack[top - 1].Bits;
                    if (divisor == 0)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits /= divisor;
                    break;
                }

                case Act.Mod:
                {
                    ulong divisor = stack[top - 1].Bits;
                    if (divisor == 0)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    stack[--top - 1].Bits %= divisor;
                    break;
                }

                case Act.BitAnd:
                    top--;
                    stack[top - 1].Bits &= stack[top].Bits;
                    break;
                case Act.BitOr:
                    top--;
                    stack[top - 1].Bits |= stack[top].Bits;
                    break;
                case Act.Xor:
                    top--;
                    stack[top - 1].Bits ^= stack[top].Bits;
                    break;
                case Act.Shl:
                {
                    ulong amount = stack[top - 1].Bits;
                    if (amount >= (ulong)op.A)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    top--;
                    stack[top - 1].Bits = (stack[top - 1].Bits << (int)amount) & op.Imm;
                    break;
                }

                case Act.Shr:
                {
                    ulong amount = stack[top - 1].Bits;
                    if (amount >= (ulong)op.A)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    top--;
                    stack[top - 1].Bits >>= (int)amount;
                    break;
                }

                case Act.Lt:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits < stack[top].Bits ? 1ul : 0;
                    break;
                case Act.Gt:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits > stack[top].Bits ? 1ul : 0;
                    break;
                case Act.Le:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits <= stack[top].Bits ? 1ul : 0;
                    break;
                case Act.Ge:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits >= stack[top].Bits ? 1ul : 0;
                    break;
                case Act.EqPlain:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits == stack[top].Bits ? 1ul : 0;
                    break;
                case Act.NeqPlain:
                    top--;
                    stack[top - 1].Bits = stack[top - 1].Bits != stack[top].Bits ? 1ul : 0;
                    break;
                case Act.Not:
                    stack[top - 1].Bits ^= 1;
                    break;
                case Act.CastSmall:
                    if (stack[top - 1].Bits > op.Imm)
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    break;
                case Act.EqDeep or Act.NeqDeep or Act.EqRef or Act.NeqRef:
                {
                    top--;
                    bool refs = op.Act is Act.EqRef or Act.NeqRef;
                    Value left = refs ? stack[top - 1].Target : stack[top - 1], right = refs ? stack[top].Target : stack[top];
                    if (left.IsAggregate)
                    {
                        _frames[_depth].Pc = pc;
                        _session.ChargeComparison(left);
                    }

                    stack[top - 1] = Value.Of(ValueRules.Same(left, right) == op.Act is Act.EqDeep or Act.EqRef);
                    break;
                }

                case Act.WideBinary or Act.WideCompare or Act.WideShift or Act.CastWide:
                    if (!Wide(op, stack, ref top, pc))
                    {
                        return Trap(StatusCode.ArithmeticError, pc);
                    }

                    break;
                case Act.Pack:
                {
                    _frames[_depth].Pc = pc;
                    if (function.Slots[op.B] is null)
                    {
                        function.Resolve(op.B);
                    }

                    _session.Memory.Struct(op.A);
                    Value[] fields = new Value[op.A];
                    top -= op.A;
                    stack.AsSpan(top, op.A).CopyTo(fields);
                    stack[top++] = new Value(Value.Aggregate, fields);
                    break;
                }

                case Act.Unpack:
                {
                    Value[] fields = (Value[])stack[--top].Ref!;
                    fields.AsSpan().CopyTo(stack.AsSpan(top, op.A));
                    top += op.A;
                    break;
                }

                case Act.Call:
                {
                    _frames[_depth].Pc = pc;
                    FunctionInstance callee = (FunctionInstance)(function.Slots[op.B] ?? function.Resolve(op.B));
                    LoadedFunction target = callee.Function;
                    if (target.IsNative)
                    {
                        if (CallNative(callee, stack, ref top) is { } failure)
                        {
                            return failure;
                        }

                        break;
                    }

                    if (_depth + 1 > _limits.CallDepth)
                    {
                        return Trap(StatusCode.CallStackOverflow, pc);
                    }

                    DecodedCode next = target.Code;
                    int arguments = next.Parameters;
                    top -= arguments;
                    int waiting = operands + (top - start - body.Locals);
                    if (waiting + next.MaxStack > _limits.OperandStack)
                    {
                        return Trap(StatusCode.ExecutionStackOverflow, pc);
                    }

                    ref Frame frame = ref _frames[_depth];
                    frame.Top = top;
                    frame.Operands = operands;
                    if (++_depth == _frames.Length)
                    {
                        Array.Resize(ref _frames, _frames.Length * 2);
                    }

                    _frames[_depth].Function = callee;
                    _frames[_depth].Pc = 0;
                    int chunk = frame.Chunk;
                    if (top + int.Max(next.Locals + next.MaxStack, next.Results) < stack.Length)
                    {
                        start = top;
                    }
                    else
                    {
                        Value[] fresh = Chunk(++chunk, next);
                        stack.AsSpan(top, arguments).CopyTo(fresh);
                        stack = fresh;
                        start = 0;
                    }

                    operands = waiting;
                    function = callee;
                    body = next;
                    code = next.Ops;
                    pc = 0;
                    top = start + next.Locals;
                    ref Frame entered = ref _frames[_depth];
                    entered.Stack = stack;
                    entered.Chunk = chunk;
                    entered.Base = start;
                    break;
                }

                case Act.Ret:
                {
                    int count = body.Results;
                    if (_depth == 0)
                    {
                        Value[] last = new Value[count];
                        stack.AsSpan(top - count, count).CopyTo(last);
                        last.CopyTo(stack.AsSpan(0, count)); // only the first frame starts at position 0 of this chunk
                        return null;
                    }

                    ref Frame caller = ref _frames[--_depth];
                    int into = caller.Top;
                    if (count == 1)
                    {
                        caller.Stack[into] = stack[top - 1];
                    }
                    else if (count > 1)
                    {
                        stack.AsSpan(top - count, count).CopyTo(caller.Stack.AsSpan(into));
                    }

                    stack = caller.Stack;
                    start = caller.Base;
                    operands = caller.Operands;
                    function = caller.Function;
                    body = function.Function.Code;
                    code = body.Ops;
                    pc = caller.Pc;
                    top = into + count;
                    break;
                }

                case Act.Abort:
                    return Trap(StatusCode.Aborted, pc, stack[top - 1].Bits);
                case Act.Exists:
                {
                    _frames[_depth].Pc = pc;
                    RuntimeType type = (RuntimeType)(function.Slots[op.B] ?? function.Resolve(op.B));
                    stack[top - 1] = Value.Of(_session.Globals.Resource(stack[top - 1].AsAddress, type).Exists);
                    break;
                }

                case Act.BorrowGlobal:
                {
                    _frames[_depth].Pc = pc;
                    RuntimeType type = (RuntimeType)(function.Slots[op.B] ?? function.Resolve(op.B));
                    GlobalStore.Slot slot = _session.Globals.Resource(stack[top - 1].AsAddress, type);
                    if (!slot.Exists)
                    {
                        return Trap(StatusCode.MissingData, pc);
                    }

                    slot.Touched |= op.A != 0;
                    stack[top - 1] = slot.Value;
                    break;
                }

                case Act.MoveFrom:
                {
                    _frames[_depth].Pc = pc;
                    RuntimeType type = (RuntimeType)(function.Slots[op.B] ?? function.Resolve(op.B));
                    GlobalStore.Slot slot = _session.Globals.Resource(stack[top - 1].AsAddress, type);
                    if (!slot.Exists)
                    {
                        return Trap(StatusCode.MissingData, pc);
                    }

                    slot.Touched = true;
                    slot.Exists = false;
                    stack[top - 1] = slot.Value;
                    slot.Value = default;
                    break;
                }

                case Act.MoveTo:
                {
                    _frames[_depth].Pc = pc;
                    RuntimeType type = (RuntimeType)(function.Slots[op.B] ?? function.Resolve(op.B));
                    top -= 2;
                    GlobalStore.Slot slot = _session.Globals.Resource(stack[top].Target.AsAddress, type);
                    if (slot.Exists)
                    {
                        return Trap(StatusCode.ResourceAlreadyExists, pc);
                    }

                    slot.Touched = true;
                    slot.Exists = true;
                    slot.Value = stack[top + 1];
                    break;
                }

                case Act.VecPack:
                {
                    _frames[_depth].Pc = pc;
                    RuntimeType type = (RuntimeType)(function.Slots[op.B] ?? function.Resolve(op.B));
                    _session.Memory.Vector(op.A);
                    top -= op.A;
                    stack[top] = Value.Of(Vector(type, stack.AsSpan(top, op.A)));
                    top++;
                    break;
                }

                case Act.VecLen:
                    stack[top - 1] = new Value((ulong)((MoveVector)stack[top - 1].Ref!).Count);
                    break;
                case Act.VecBorrow:
                {
                    MoveVector vector = (MoveVector)stack[top - 2].Ref!;
                    ulong index = stack[top - 1].Bits;
                    if (index >= (ulong)vector.Count)
                    {
                        return Trap(StatusCode.VectorOperationError, pc, VectorError.Index);
                    }

                    stack[--top - 1] = vector.Borrow((int)index);
                    break;
                }

                case Act.VecPush:
                {
                    top -= 2;
                    MoveVector vector = (MoveVector)stack[top].Ref!;
                    long growth = vector.GrowthWords;
                    if (growth > 0)
                    {
                        _frames[_depth].Pc = pc;
                        _session.ChargeWords(growth);
                    }

                    vector.Push(stack[top + 1]);
                    break;
                }

                case Act.VecPop:
                {
                    MoveVector vector = (MoveVector)stack[top - 1].Ref!;
                    if (vector.Count == 0)
                    {
                        return Trap(StatusCode.VectorOperationError, pc, VectorError.PopEmpty);
                    }

                    stack[top - 1] = vector.Pop();
                    break;
                }

                case Act.VecUnpack:
                {
                    MoveVector vector = (MoveVector)stack[--top].Ref!;
                    if (vector.Count != op.A)
                    {
                        return Trap(StatusCode.VectorOperationError, pc, VectorError.UnpackLength);
                    }

                    for (int i = 0; i < op.A; i++)
                    {
                        stack[top++] = vector.Get(i);
                    }

                    break;
                }

                case Act.VecSwap:
                {
                    top -= 3;
                    MoveVector vector = (MoveVector)stack[top].Ref!;
                    ulong i = stack[top + 1].Bits, j = stack[top + 2].Bits;
                    if (i >= (ulong)vector.Count || j >= (ulong)vector.Count)
                    {
                        return Trap(StatusCode.VectorOperationError, pc, VectorError.Index);
                    }

                    vector.Swap((int)i, (int)j);
                    break;
                }

                default:
                    return Trap(StatusCode.UnknownInvariantViolation, pc, message: "unknown op");
            }
        }
    }

    private static MoveVector Vector(RuntimeType type, ReadOnlySpan<Value> items)
    {
        if (type.Element.Kind == TokenKind.U8)
        {
            byte[] bytes = new byte[items.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)items[i].Bits;
            }

            return new ByteVector(bytes, bytes.Length);
        }

        return new ValueVector(items.ToArray(), items.Length);
    }

    /// <summary>Natives run without a frame of their own; an abort in one is located in the native's module.</summary>
    private VmStatus? CallNative(FunctionInstance callee, Value[] stack, ref int top)
    {
        LoadedFunction function = callee.Function;
        NativeFunction native = function.Native ?? throw new VmException(
            StatusCode.MissingDependency, $"native {function.Unit.Id}::{function.Name}");
        top -= function.Parameters.Count;
        _session.Gas.Charge(_session.Snapshot.Rules.Gas.NativeBase);
        _native.Begin(callee.Arguments, stack, top);
        if (native(_native) is ulong code)
        {
            return new VmStatus(StatusCode.Aborted, code, new VmLocation(function.Unit.Id, false, function.Index, 0, function.Name));
        }

        for (int i = 0; i < _native.ResultCount; i++)
        {
            stack[top++] = _native.Result(i);
        }

        return null;
    }
}

/// <summary>Sub-statuses of <see cref="StatusCode.VectorOperationError"/>.</summary>
internal static class VectorError
{
    public const ulong Index = 1;
    public const ulong PopEmpty = 2;
    public const ulong UnpackLength = 3;
}
