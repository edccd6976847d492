using System.CommandLine;

namespace Theseus.Cli.Commands;

/// <summary>What a sender offers for gas, when it is not what the chain asks for.</summary>
/// <param name="Price">Price of a gas unit; null takes the chain's least price.</param>
/// <param name="Maximum">Most gas units; null takes what a simulation used and some spare.</param>
internal sealed record GasOffer(ulong? Price, ulong? Maximum)
{
    /// <summary>What the chain asks for.</summary>
    public static GasOffer Usual { get; } = new(null, null);
}

/// <summary>--gas-price and --max-gas.</summary>
internal sealed class GasOptions
{
    private readonly Option<ulong?> _price = Inputs.Optional("--gas-price", "Price of a gas unit. Default: the chain's least price", 1);
    private readonly Option<ulong?> _maximum = Inputs.Optional("--max-gas",
        "Most gas units. Default: what a simulation used, and half as much to spare", 1);

    public void AddTo(Command command)
    {
        command.Options.Add(_price);
        command.Options.Add(_maximum);
    }

    public GasOffer Read(ParseResult parsed) => new(parsed.GetValue(_price), parsed.GetValue(_maximum));
}
