using Theseus.Protocol;

namespace Theseus.Repository.Tests.Pages;

/// <summary>
/// execution 4.2 lists every reason for which a transaction is not executed, with its number and the name that clients see.
/// </summary>
public class RefusalPageTests
{
    [Fact]
    public void EveryRefusalIsListed()
    {
        IEnumerable<string> code = Enum.GetValues<RefusalReason>().Select(reason => $"{(ushort)reason} {reason.Name()}");
        IEnumerable<string> page = Tables.Rows("docs/protocol/execution-rules.md", "number", "name")
            .Select(row => $"{row[0]} {Tables.Code(row[1])}");
        Assert.Equal(code, page);
    }
}
