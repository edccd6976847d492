using System.Threading.Channels;
using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// What a block reads it mostly writes: while it is executed, the tree's nodes above these rows are brought into memory on a thread of the
/// store's own, so that computing the tree afterwards waits for nothing.
/// </summary>
public sealed partial class ChainStore
{
    /// <summary>Keys that wait at a time; further ones are read when they are needed.</summary>
    private const int MaximumExpected = 16_384;

    private readonly Channel<StateKey> _expected = Channel.CreateBounded<StateKey>(
        new BoundedChannelOptions(MaximumExpected) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _closing = new();
    private Task _fetching = Task.CompletedTask;

    /// <inheritdoc/>
    public void Expect(StateKey key)
    {
        if (_tables.IsOnDisk)
        {
            _expected.Writer.TryWrite(key);
        }
    }

    private void BeginFetching() => _fetching = _tables.IsOnDisk ? Task.Run(FetchAsync) : Task.CompletedTask;

    private void EndFetching()
    {
        _closing.Cancel();
        _fetching.GetAwaiter().GetResult(); // it reads the tables, which are closed next
    }

    private async Task FetchAsync()
    {
        StoredNodes nodes = new(_tables, _nodes);
        ulong height = ulong.MaxValue;
        Subtree root = Subtree.Empty;
        try
        {
            await foreach (StateKey key in _expected.Reader.ReadAllAsync(_closing.Token))
            {
                if (_opened is { } opened && opened.Window.Executed != height)
                {
                    height = opened.Window.Executed;
                    root = ReadTree(_tables, height);
                }

                if (_closing.IsCancellationRequested)
                {
                    return; // what still waits is of no use any more
                }

                StateTree.Visit(nodes, root, key.TreeKey());
            }
        }
        catch (OperationCanceledException)
        {
            // the store is being closed
        }
        catch (Exception e) when (e is StoreException or BcsException)
        {
            // a broken device or damaged data: whoever needs what cannot be read is told, with what and where
        }
    }
}
