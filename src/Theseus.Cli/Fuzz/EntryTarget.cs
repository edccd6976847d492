namespace Theseus.Cli.Fuzz;

/// <summary>A target of independent ways in: a case is one mutant given to one of them.</summary>
/// <param name="name">As <c>--target</c> names it.</param>
/// <param name="entries">The ways in; made when they are first needed.</param>
internal sealed class EntryTarget(string name, Func<IReadOnlyList<FuzzEntry>> entries) : IFuzzTarget
{
    private readonly Lazy<IReadOnlyList<FuzzEntry>> _entries = new(entries);

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>The ways in.</summary>
    public IReadOnlyList<FuzzEntry> Entries => _entries.Value;

    /// <inheritdoc/>
    public void Run(ulong seed, ICaseTrace trace)
    {
        FuzzRandom random = new(seed);
        FuzzEntry entry = random.Of(Entries);
        byte[] sample = random.Of(entry.Samples);
        byte[] other = random.OneIn(4) ? random.Of(random.Of(Entries).Samples) : random.Of(entry.Samples);
        byte[] input = entry.IsText ? Mutator.MutateText(sample, other, random) : Mutator.Mutate(sample, other, random);
        trace.About(entry.Name, input);
        entry.Try(input);
    }

    /// <inheritdoc/>
    public void Replay(string entry, byte[] input)
    {
        FuzzEntry? found = Entries.FirstOrDefault(one => one.Name == entry);
        if (found is null)
        {
            string known = string.Join(", ", Entries.Select(static one => one.Name));
            throw new FuzzFault(entry, input, $"target {name} has no entry '{entry}'; it has {known}");
        }

        found.Try(input);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // samples are all it holds
    }
}
