namespace Theseus.Cli.Voyage;

/// <summary>An outcome other than success, and how often.</summary>
internal sealed record LoadFailure(string Outcome, int Count);

/// <summary>What a load was and what became of it, by stage. Rates are per second of the time of sending.</summary>
/// <param name="Sent">Transactions sent.</param>
/// <param name="Succeeded">Executed with success.</param>
/// <param name="AskedRate">What --tps asked for.</param>
/// <param name="SentRate">What the driver sent.</param>
/// <param name="AcceptedRate">What nodes took.</param>
/// <param name="ExecutedRate">What stands in blocks, with success, per second from the first to the last block with one.</param>
/// <param name="MedianAnswerMs">From sending until a node took it.</param>
/// <param name="MedianMs">From sending until the block was seen.</param>
/// <param name="MostMs">The longest of these.</param>
/// <param name="MostLagMs">How late the driver itself sent at worst: beyond some tens of milliseconds it is the driver that is
/// measured.</param>
/// <param name="SentAgain">Transactions that were sent more than once.</param>
/// <param name="Failures">The most frequent outcomes other than success.</param>
internal sealed record LoadFigures(
    int Sent, int Succeeded, int AskedRate, double SentRate, double AcceptedRate, double ExecutedRate, long MedianAnswerMs, long MedianMs,
        long MostMs,
    long MostLagMs, int SentAgain, IReadOnlyList<LoadFailure> Failures)
{
    /// <summary>Kinds of failures that are listed.</summary>
    private const int ListedFailures = 5;

    /// <summary>Counts a load that was driven for so many seconds.</summary>
    public static LoadFigures Of(IReadOnlyCollection<LoadRequest> requests, int rate, double seconds)
    {
        LoadRequest[] good = [.. requests.Where(request => request.Outcome == LoadRequest.Success)];
        long[] answers = [.. requests.Where(request => request.Accepted > 0).Select(request => request.Accepted - request.Sent).Order()];
        long[] whole = [.. good.Select(request => request.Done - request.Sent).Order()];
        double executing = good.Length == 0 ? 0 : (good.Max(request => request.Done) - good.Min(request => request.Done)) / 1000.0;
        return new LoadFigures(
            requests.Count, good.Length, rate, PerSecond(requests.Count, seconds), PerSecond(answers.Length, seconds), PerSecond(
                good.Length, double.Max(executing, 1)),
            Median(answers), Median(whole), whole.LastOrDefault(), requests.Select(request =>
                request.Sent - request.Due).DefaultIfEmpty().Max(),
            requests.Count(request => request.Tries > 1),
            [
                .. requests.Where(request => request.Outcome != LoadRequest.Success).GroupBy(request => request.Outcome)
                    .Select(group => new LoadFailure(group.Key, group.Count())).OrderByDescending(failure => failure.Count).Take(
                        ListedFailures),
            ]);
    }

    private static double PerSecond(int count, double seconds) => Math.Round(count / seconds, 1);

    private static long Median(long[] sorted) => sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
}
