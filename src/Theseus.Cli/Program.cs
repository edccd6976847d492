using System.CommandLine;
using System.CommandLine.Invocation;
using Theseus.Cli;
using Theseus.Cli.Commands;
using Theseus.Client;

try
{
    ParseResult parsed = CommandTree.Create().Parse(args);
    if (parsed.Action is ParseErrorAction)
    {
        if (CommandTree.IsUnfinished(parsed))
        {
            CommandTree.Create().Parse([.. args, "--help"]).Invoke();
        }
        else
        {
            CommandTree.Faults(parsed).ToList().ForEach(Terminal.Say);
        }

        return ExitCode.Usage;
    }

    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
