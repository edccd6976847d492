namespace Theseus.Repository.Tests.Pages;

/// <summary>Reads the tables of a page.</summary>
internal static class Tables
{
    /// <summary>Cells of every row below a header that begins with these words, without the header and its rule.</summary>
    /// <exception cref="InvalidOperationException">The page has no such table.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(string page, params string[] header)
    {
        List<IReadOnlyList<string>> rows = [];
        bool inside = false;
        foreach (string line in File.ReadLines(Repository.Absolute(page)))
        {
            string[] cells = line.StartsWith('|') ? [.. line.Trim('|').Split(" | ").Select(cell => cell.Trim().Trim('|').Trim())] : [];
            if (cells.Length == 0)
            {
                inside = false;
            }
            else if (header.SequenceEqual(cells.Take(header.Length)))
            {
                inside = true;
            }
            else if (inside && !line.StartsWith("|--", StringComparison.Ordinal))
            {
                rows.Add(cells);
            }
        }

        return rows.Count > 0
            ? rows
            : throw new InvalidOperationException($"{page} has no table with the header {string.Join(", ", header)}");
    }

    /// <summary>The first code span of a cell.</summary>
    public static string Code(string cell) => cell.Split('`') is [_, string code, ..] ? code : cell;
}
