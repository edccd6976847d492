using System.CommandLine;
using Theseus.Cli;
using Theseus.Cli.Commands;
using Theseus.Client;

RootCommand root = new("Theseus: a blockchain node whose framework, execution stack and rules are replaced while it runs")
{
    new Command("txs", "Send transactions") 
    {
        TransferCommands.Transfer(), TransferCommands.Fund(), CeremonyCommands.Upgrade(), CeremonyCommands.Vote(), ResolveCommand.Resolve(), CeremonyCommands.Cancel(), CeremonyCommands.Veto(),
        ValidatorCommands.Validator(),
    },
    QueryCommands.Query(),
    KeyCommands.Keys(),
    MoveCommands.Move(),
    FrameworkCommands.Framework(),
    UpgradeCommands.Upgrade(),
    NodeCommand.Node(),
    DbCommands.Db(),
    Theseus.Cli.Localnet.LocalnetCommands.Localnet(),
};
Theseus.Cli.Bench.BenchCommand.Commands().ToList().ForEach(root.Add);

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (CommandFailure e)
{
    Terminal.Say("theseus: " + e.Message);
    return e.Code;
}
catch (RpcException e)
{
    Terminal.Say("theseus: the node says: " + e.Message);
    return ExitCode.Failure;
}
catch (HttpRequestException e)
{
    Terminal.Say("theseus: the node does not answer: " + e.Message);
    return ExitCode.Failure;
}
catch (OperationCanceledException)
{
    return ExitCode.Failure;
}
