namespace Theseus.Rpc;

/// <summary>What kind of work a call is. Each kind has its own turns, so that none stands behind another.</summary>
public enum CallKind
{
    /// <summary>Answers from memory or by one look-up: status, a transaction, its receipt.</summary>
    Status,

    /// <summary>Reads of the store: blocks, resources, modules, proofs, records.</summary>
    Read,

    /// <summary>Runs code of the chain: views, simulations, proposals.</summary>
    Run,

    /// <summary>Checks a signature and runs a prologue.</summary>
    Submit,
}

/// <summary>How long the calls of one request have waited for turns, together. One request's calls run one after the other.</summary>
public sealed class RequestWait
{
    /// <summary>The sum so far.</summary>
    public TimeSpan Sum { get; internal set; }
}

/// <summary>Bounds of one kind of work.</summary>
/// <param name="Running">Calls that run at once.</param>
/// <param name="Patience">
/// How long the calls of a request may wait for their turns, together, as far as can be told when one comes; one that would wait longer is
/// refused at once. A batch is answered as a whole: if each of its calls might wait so long, those that are refused would hear of it
/// when the last one has had its turn. A call that was let in and waits <see cref="Lane.Overdue"/> times as long is refused late.
/// </param>
/// <param name="Waiting">Calls that wait at most, of all clients together.</param>
public sealed record LaneLimits(int Running, TimeSpan Patience, int Waiting)
{
    /// <summary>Half of the machine, so that requests of a kind never keep consensus from its turn.</summary>
    private static readonly int Half = int.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The limits of production.</summary>
    public static LaneLimits Of(CallKind kind) => kind switch
    {
        CallKind.Status => new LaneLimits(Half + 1, TimeSpan.FromSeconds(2), 1_024),
        // who is refused tries again: it is more use to hear of it soon (fault 103: within 100 ms) than to stand in a row
        CallKind.Submit => new LaneLimits(Half, TimeSpan.FromMilliseconds(100), 2_048),
        _ => new LaneLimits(Half, TimeSpan.FromSeconds(2), 256),
    };
}

/// <summary>
/// Turns for one kind of work. Clients take turns with each other, and the calls of one stand in a row; who would wait too long is told so
/// at once, with the time after which to come back. Safe from any thread.
/// </summary>
public sealed class Lane(LaneLimits limits, TimeProvider clock)
{
    /// <summary>
    /// Times the patience after which a call that was let in is given up: the guess was wrong, or the machine stood still.
    /// </summary>
    public const int Overdue = 10;

    /// <summary>The shortest time that anybody is asked to stay away.</summary>
    private static readonly TimeSpan LeastRetry = TimeSpan.FromMilliseconds(50);

    /// <summary>The part of a call's time that enters the mean.</summary>
    private const double NewPart = 0.1;

    /// <summary>
    /// A call counts for this many times the mean at most: one that met a cold machine must not make all others look slow.
    /// </summary>
    private const double MostOfMean = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Row> _clients = [];
    private readonly LinkedList<Row> _round = new();
    private int _running;
    private int _waiting;
    private double _meanMilliseconds = 0.5;

    /// <summary>Waits for a turn.</summary>
    /// <param name="client">Who asks: calls of one client never stand before a first one of another.</param>
    /// <param name="waited">What the calls of this request have waited; this one's wait is added.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <returns>Null with the turn, which ends with <see cref="Leave"/>; else how long to stay away.</returns>
    public async Task<TimeSpan?> EnterAsync(string client, RequestWait waited, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_running < limits.Running)
            {
                _running++;
                return null;
            }

            Row row = _clients.GetValueOrDefault(client) ?? new Row(client);
            TimeSpan wait = Expected(row.Waiters.Count);
            if (row.Waiters.Count >= limits.Waiting - _waiting || wait > limits.Patience - waited.Sum)
            {
                return Retry(wait); // a client may take half of the places that are left: there is always one for the next
            }

            waiter = new Waiter(row);
            row.Waiters.AddLast(waiter);
            _waiting++;
            if (_clients.TryAdd(client, row))
            {
                _round.AddLast(row);
            }
        }

        long began = clock.GetTimestamp();
        try
        {
            await waiter.Turn.Task.WaitAsync(limits.Patience * Overdue, clock, cancellation);
            waited.Sum += clock.GetElapsedTime(began);
            return null;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                if (waiter.HasTurn && e is TimeoutException)
                {
                    return null; // it came with the last moment
                }

                if (!waiter.HasTurn)
                {
                    waiter.Row.Waiters.Remove(waiter);
                    Forget(waiter.Row);
                    _waiting--;
                    if (e is TimeoutException)
                    {
                        return Retry(Expected(0));
                    }
                }
            }

            if (waiter.HasTurn)
            {
                Leave(null);
            }

            throw;
        }
    }

    /// <summary>Gives the turn to the next.</summary>
    /// <param name="took">How long the call took; null when there was none.</param>
    public void Leave(TimeSpan? took)
    {
        lock (_gate)
        {
            if (took is TimeSpan span)
            {
                double sample = double.Min(span.TotalMilliseconds, _meanMilliseconds * MostOfMean);
                _meanMilliseconds = double.Max(0.01, _meanMilliseconds + ((sample - _meanMilliseconds) * NewPart));
            }

            if (_round.First is LinkedListNode<Row> first)
            {
                Row row = first.Value;
                Waiter next = row.Waiters.First!.Value;
                row.Waiters.RemoveFirst();
                _round.RemoveFirst();
                _round.AddLast(row);
                Forget(row);
                next.HasTurn = true;
                _waiting--;
                next.Turn.SetResult();
                return;
            }

            _running--;
        }
    }

    /// <summary>Who comes before one with so many of its own before it: as many of every other client, and one more.</summary>
    private TimeSpan Expected(int own)
    {
        int before = _round.Sum(row => int.Min(row.Waiters.Count, own + 1)) + 1;
        return TimeSpan.FromMilliseconds(before * _meanMilliseconds / limits.Running);
    }

    private void Forget(Row row)
    {
        if (row.Waiters.Count == 0 && _clients.Remove(row.Client))
        {
            _round.Remove(row);
        }
    }

    private static TimeSpan Retry(TimeSpan wait) => wait < LeastRetry ? LeastRetry : wait;

    /// <summary>The calls of one client that wait.</summary>
    private sealed class Row(string client)
    {
        public string Client { get; } = client;

        public LinkedList<Waiter> Waiters { get; } = new();
    }

    private sealed class Waiter(Row row)
    {
        public Row Row { get; } = row;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HasTurn { get; set; }
    }
}
