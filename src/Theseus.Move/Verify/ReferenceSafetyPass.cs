using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>
/// No reference dangles and no two usable references overlap when one can write (move 2.4, pass 11e).
/// Reads need no overlapping mutable borrow, writes and transfers none at all.
/// </summary>
internal sealed class ReferenceSafetyPass
{
    /// <summary>Abstract value: not a reference.</summary>
    private const int None = -1;

    private readonly FunctionContext _context;
    private readonly VerifierCosts _costs;
    private readonly int _root;
    private readonly List<int> _stack = [];
    private readonly IReadOnlyDictionary<ushort, FunctionDefinition> _own;
    private int[] _locals = [];
    private BorrowGraph _graph;
    private int _next;
    private int _offset;

    private ReferenceSafetyPass(FunctionContext context)
    {
        _context = context;
        _costs = context.Limits.Costs;
        _graph = new BorrowGraph(context.Limits.BorrowEdges);
        _root = context.Locals.Length; // a reference in local i is named i at block edges, the frame comes behind
        _own = context.Module?.DefinitionsByHandle ?? new Dictionary<ushort, FunctionDefinition>();
    }

    private sealed record State(int[] Locals, BorrowGraph Graph);

    public static void Run(FunctionContext context)
    {
        ReferenceSafetyPass pass = new(context);
        State?[] entry = new State?[context.Graph.Count];
        entry[0] = pass.Initial();
        Fixpoint.Run(context.Graph, block => pass.Block(entry, block));
    }

    private State Initial()
    {
        BorrowGraph graph = new(_context.Limits.BorrowEdges);
        int[] locals = new int[_context.Locals.Length];
        Array.Fill(locals, None);
        for (int i = 0; i < _context.Parameters.Count; i++)
        {
            if (_context.Parameters[i].IsReference)
            {
                graph.Add(i, _context.Parameters[i].Kind == TokenKind.MutableReference);
                locals[i] = i;
            }
        }

        graph.Add(_root, true);
        return new State(locals, graph);
    }

    private List<int> Block(State?[] entry, int block)
    {
        _locals = [.. entry[block]!.Locals];
        _graph = entry[block]!.Graph.Renamed(id => id);
        _next = _root + 1;
        _stack.Clear();
        int end = _context.Graph.End(block);
        for (_offset = _context.Graph.Starts[block]; _offset < end; _offset++)
        {
            _context.Meter.Add(_costs.ReferenceStep + (_costs.ReferenceStepPerLocal * _locals.Length)
                + (_costs.ReferenceStepPerEdge * _graph.Size));
            Step(_context.Code.Code[_offset]);
        }

        if (_stack.Count > 0 || _context.Graph.Successors[block].Length == 0)
        {
            return [];
        }

        State exit = Canonical();
        List<int> changed = [];
        foreach (int next in _context.Graph.Successors[block])
        {
            _context.Meter.Add(_costs.ReferenceJoin + (_costs.ReferenceJoinPerLocal * _locals.Length)
                + (_costs.ReferenceJoinPerEdge * exit.Graph.Size));
            if (entry[next] is not { } known)
            {
                entry[next] = exit;
                changed.Add(next);
                continue;
            }

            if (Join(known, exit) is { } joined)
            {
                entry[next] = joined;
                changed.Add(next);
            }
        }

        return changed;
    }

    /// <summary>Renames references to their locals, so that states of different paths can be compared.</summary>
    private State Canonical()
    {
        SortedDictionary<int, int> names = new() { [_root] = _root };
        int[] locals = new int[_locals.Length];
        for (int i = 0; i < locals.Length; i++)
        {
            locals[i] = None;
            if (_locals[i] != None)
            {
                names[_locals[i]] = i;
                locals[i] = i;
            }
        }

        return new State(locals, _graph.Renamed(id => names[id]));
    }

    /// <summary>The join, or null when the first state already covers the second.</summary>
    private static State? Join(State known, State arriving)
    {
        BorrowGraph left = known.Graph.Renamed(id => id), right = arriving.Graph.Renamed(id => id);
        int[] locals = [.. known.Locals];
        bool changed = false;
        for (int i = 0; i < locals.Length; i++)
        {
            if (known.Locals[i] != None && arriving.Locals[i] == None)
            {
                left.Release(i);
                locals[i] = None;
                changed = true;
            }
            else if (known.Locals[i] == None && arriving.Locals[i] != None)
            {
                right.Release(i);
            }
        }

        changed |= left.Join(right);
        return changed ? new State(locals, left) : null;
    }

    private VerifyException Fail(StatusCode status, string message) => _context.Fail(status, _offset, message);

    private int New(bool mutable)
    {
        int id = _next++;
        _graph.Add(id, mutable);
        return id;
    }

    private int Pop()
    {
        int top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private void Pop(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Drop(Pop());
        }
    }

    private void Drop(int value)
    {
        if (value != None)
        {
            _graph.Release(value);
        }
    }

    private void Push(int value, int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            _stack.Add(value);
        }
    }

    private bool IsWritable(int id) => !_graph.HasBorrows(id, null, mutableOnly: false);

    private bool IsReadable(int id, Label? at = null) => !_graph.IsMutable(id) || !_graph.HasBorrows(id, at, mutableOnly: true);

    private bool IsLocalBorrowed(int local) => _graph.HasBorrows(_root, Label.OfLocal(local), mutableOnly: false);

    private void Step(in Instruction i)
    {
        int id;
        switch (i.Opcode)
        {
            case Opcode.CopyLoc:
                id = _locals[i.Index];
                if (id != None)
                {
                    int copy = New(_graph.IsMutable(id));
                    _graph.AddStrong(id, copy);
                    Push(copy);
                    break;
                }

                if (_graph.HasBorrows(_root, Label.OfLocal(i.Index), mutableOnly: true))
                {
                    throw Fail(StatusCode.CopyLocExistsBorrow, $"local {i.Index} is mutably borrowed");
                }

                Push(None);
                break;
            case Opcode.MoveLoc:
                id = _locals[i.Index];
                if (id == None && IsLocalBorrowed(i.Index))
                {
                    throw Fail(StatusCode.MoveLocExistsBorrow, $"local {i.Index} is borrowed");
                }

                _locals[i.Index] = None;
                Push(id);
                break;
            case Opcode.StLoc:
                id = Pop();
                if (_locals[i.Index] != None)
                {
                    _graph.Release(_locals[i.Index]);
                }
                else if (IsLocalBorrowed(i.Index))
                {
                    throw Fail(StatusCode.StLocUnsafeToDestroy, $"local {i.Index} is borrowed");
                }

                _locals[i.Index] = id;
                break;
            case Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc:
                bool mutable = i.Opcode == Opcode.MutBorrowLoc;
                if (mutable ? _graph.HasFullBorrows(_root) : _graph.HasBorrows(_root, Label.OfLocal(i.Index), mutableOnly: true))
                {
                    throw Fail(StatusCode.BorrowLocExistsBorrow, $"local {i.Index} is borrowed");
                }

                id = New(mutable);
                _graph.AddStrong(_root, id, Label.OfLocal(i.Index));
                Push(id);
                break;
            case Opcode.FreezeRef:
                id = Pop();
                if (_graph.HasBorrows(id, null, mutableOnly: true))
                {
                    throw Fail(StatusCode.FreezeRefExistsMutableBorrow, "the reference is mutably borrowed");
                }

                int frozen = New(false);
                _graph.AddStrong(id, frozen);
                _graph.Release(id);
                Push(frozen);
                break;
            case Opcode.ReadRef:
                id = Pop();
                Readable(id);
                _graph.Release(id);
                Push(None);
                break;
            case Opcode.WriteRef:
                id = Pop();
                Drop(Pop());
                if (!IsWritable(id))
                {
                    throw Fail(StatusCode.WriteRefExistsBorrow, "the reference is borrowed");
                }

                _graph.Release(id);
                break;
            case Opcode.Eq or Opcode.Neq:
                int right = Pop(), left = Pop();
                if (left != None)
                {
                    Readable(left);
                    Readable(right);
                }

                Drop(left);
                Drop(right);
                Push(None);
                break;
            case Opcode.MutBorrowField or Opcode.MutBorrowFieldGeneric: BorrowField(i, mutable: true); break;
            case Opcode.ImmBorrowField or Opcode.ImmBorrowFieldGeneric: BorrowField(i, mutable: false); break;
            case Opcode.VecMutBorrow: BorrowElement(mutable: true); break;
            case Opcode.VecImmBorrow: BorrowElement(mutable: false); break;
            case Opcode.VecLen:
                Drop(Pop());
                Push(None);
                break;
            case Opcode.VecPushBack:
                Drop(Pop());
                UpdateVector();
                break;
            case Opcode.VecPopBack:
                UpdateVector();
                Push(None);
                break;
            case Opcode.VecSwap:
                Pop(2);
                UpdateVector();
                break;
            case Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric or Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric:
                BorrowGlobal(i, mutable: i.Opcode is Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric);
                break;
            case Opcode.MoveFrom or Opcode.MoveFromGeneric:
                Pop(1);
                if (_graph.HasBorrows(_root, Label.OfGlobal(_context.StructOf(i).Definition), mutableOnly: false))
                {
                    throw Fail(StatusCode.GlobalReferenceError, "the resource is borrowed");
                }

                Push(None);
                break;
            case Opcode.Call or Opcode.CallGeneric: Call(i); break;
            case Opcode.Ret: Return(); break;
            case Opcode.Branch or Opcode.Nop: break;
            case Opcode.Pop or Opcode.BrTrue or Opcode.BrFalse or Opcode.Abort: Pop(1); break;
            case Opcode.MoveTo or Opcode.MoveToGeneric: Pop(2); break;
            case Opcode.Pack or Opcode.PackGeneric:
                Pop(_context.Module!.StructDefinitions[_context.StructOf(i).Definition].Fields!.Count);
                Push(None);
                break;
            case Opcode.Unpack or Opcode.UnpackGeneric:
                Pop(1);
                Push(None, _context.Module!.StructDefinitions[_context.StructOf(i).Definition].Fields!.Count);
                break;
            case Opcode.VecPack:
                Pop((int)i.Count);
                Push(None);
                break;
            case Opcode.VecUnpack:
                Pop(1);
                Push(None, (int)i.Count);
                break;
            case Opcode.LdU8 or Opcode.LdU16 or Opcode.LdU32 or Opcode.LdU64 or Opcode.LdU128 or Opcode.LdU256 or Opcode.LdTrue
                or Opcode.LdFalse or Opcode.LdConst:
                Push(None);
                break;
            case Opcode.Not or Opcode.CastU8 or Opcode.CastU16 or Opcode.CastU32 or Opcode.CastU64 or Opcode.CastU128
                or Opcode.CastU256 or Opcode.Exists or Opcode.ExistsGeneric:
                Pop(1);
                Push(None);
                break;
            case Opcode.Add or Opcode.Sub or Opcode.Mul or Opcode.Div or Opcode.Mod or Opcode.BitAnd or Opcode.BitOr
                or Opcode.Xor or Opcode.Shl or Opcode.Shr
                or Opcode.And or Opcode.Or or Opcode.Lt or Opcode.Gt or Opcode.Le or Opcode.Ge:
                Pop(2);
                Push(None);
                break;
            default: throw new InvalidOperationException($"no reference rule for {i.Opcode}");
        }
    }

    private void Readable(int id)
    {
        if (!IsReadable(id))
        {
            throw Fail(StatusCode.ReadRefExistsMutableBorrow, "the reference is mutably borrowed");
        }
    }

    private void BorrowField(in Instruction i, bool mutable)
    {
        FieldHandle field = _context.FieldOf(i);
        Label label = Label.OfField(field.Struct, field.Field);
        int id = Pop();
        if (mutable ? _graph.HasFullBorrows(id) : !IsReadable(id, label))
        {
            throw Fail(StatusCode.BorrowFieldExistsMutableBorrow, "the field is borrowed");
        }

        int borrowed = New(mutable);
        _graph.AddStrong(id, borrowed, label);
        _graph.Release(id);
        Push(borrowed);
    }

    private void BorrowGlobal(in Instruction i, bool mutable)
    {
        Pop(1);
        Label global = Label.OfGlobal(_context.StructOf(i).Definition);
        if (_graph.HasBorrows(_root, global, mutableOnly: !mutable))
        {
            throw Fail(StatusCode.GlobalReferenceError, "the resource is borrowed");
        }

        int id = New(mutable);
        _graph.AddWeak(_root, id, global);
        Push(id);
    }

    private void BorrowElement(bool mutable)
    {
        Pop(1);
        int id = Pop();
        if (mutable ? !IsWritable(id) : _graph.HasBorrows(id, null, mutableOnly: true))
        {
            throw Fail(StatusCode.VecBorrowElementExistsMutableBorrow, "an element of the vector is borrowed");
        }

        int element = New(mutable);
        _graph.AddWeak(id, element);
        _graph.Release(id);
        Push(element);
    }

    private void UpdateVector()
    {
        int id = Pop();
        if (!IsWritable(id))
        {
            throw Fail(StatusCode.VecUpdateExistsMutableBorrow, "an element of the vector is borrowed");
        }

        _graph.Release(id);
    }

    private void Call(in Instruction i)
    {
        FunctionHandle handle = _context.Unit.FunctionHandles[_context.CalleeOf(i).Handle];
        int count = _context.Unit.Signatures[handle.Parameters].Tokens.Count;
        List<int> all = [];
        for (int p = 0; p < count; p++)
        {
            int id = Pop();
            if (id != None)
            {
                all.Add(id);
            }
        }

        all.Reverse(); // arguments in the order they were pushed: the first bad one is reported
        if (_own.TryGetValue(_context.CalleeOf(i).Handle, out FunctionDefinition? own))
        {
            _context.Meter.Add(_costs.ReferenceAcquired * own.Acquires.Count);
            foreach (ushort acquired in own.Acquires)
            {
                if (_graph.HasBorrows(_root, Label.OfGlobal(acquired), mutableOnly: false))
                {
                    throw Fail(StatusCode.GlobalReferenceError, "the callee takes a resource that is borrowed here");
                }
            }
        }

        List<int> mutable = [];
        foreach (int id in all)
        {
            if (_graph.IsMutable(id))
            {
                if (!IsWritable(id))
                {
                    throw Fail(StatusCode.CallBorrowedMutableReference, "a mutable argument is borrowed");
                }

                mutable.Add(id);
            }
        }

        long units = _costs.ReferenceCallEdge; // grows by half with each edge: many results times many arguments is an attack
        foreach (SignatureToken result in _context.Unit.Signatures[handle.Return].Tokens)
        {
            if (!result.IsReference)
            {
                Push(None);
                continue;
            }

            bool isMutable = result.Kind == TokenKind.MutableReference;
            int id = New(isMutable);
            foreach (int source in isMutable ? mutable : all)
            {
                _context.Meter.Add(units);
                units = long.Min(units * _costs.ReferenceCallEdgeGrowth / 100, _costs.ReferenceCallEdgeMost);
                _graph.AddWeak(source, id);
            }

            Push(id);
        }

        all.ForEach(_graph.Release);
    }

    private void Return()
    {
        List<int> results = [];
        for (int r = 0; r < _context.Results.Count; r++)
        {
            int id = Pop();
            if (id != None)
            {
                results.Add(id);
            }
        }

        for (int i = 0; i < _locals.Length; i++)
        {
            Drop(_locals[i]);
            _locals[i] = None;
        }

        if (_graph.HasBorrows(_root, null, mutableOnly: false))
        {
            throw Fail(StatusCode.UnsafeRetLocalOrResourceStillBorrowed, "a result refers to a local or a resource");
        }

        foreach (int id in results)
        {
            if (_graph.IsMutable(id) && !IsWritable(id))
            {
                throw Fail(StatusCode.RetBorrowedMutableReference, "a mutable result is borrowed");
            }
        }
    }
}
