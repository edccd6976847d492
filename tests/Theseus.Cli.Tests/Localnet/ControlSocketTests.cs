using Theseus.Cli.Localnet;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>How the verbs reach a supervisor that is about to end.</summary>
public class ControlSocketTests
{
    [Fact]
    public async Task WhoAsksToStopHearsTheAnswer()
    {
        // often, because what went wrong was a race between the answer and the end
        for (int i = 0; i < 100; i++)
        {
            string path = Path.Combine(Path.GetTempPath(), $"theseus-{Guid.NewGuid():n}.sock");
            TaskCompletionSource stopAsked = new(i % 2 == 0 ? TaskCreationOptions.None
                : TaskCreationOptions.RunContinuationsAsynchronously);
            ControlSocket? socket = null;
            socket = ControlSocket.Open(path, request =>
            {
                stopAsked.TrySetResult();
                return Task.FromResult("heard " + request);
            });
            Task ending = EndAsync();
            Assert.Equal("heard stop", await ControlSocket.AskAsync(path, "stop"));
            await ending;
            Assert.False(File.Exists(path));

            async Task EndAsync()
            {
                await stopAsked.Task;
                await socket.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task WhoAsksOneThatEndsWithoutAnAnswerIsTold()
    {
        string path = Path.Combine(Path.GetTempPath(), $"theseus-{Guid.NewGuid():n}.sock");
        TaskCompletionSource<string> never = new();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ControlSocket socket = ControlSocket.Open(path, async _ =>
        {
            asked.TrySetResult();
            return await never.Task;
        });
        Task<string?> asking = ControlSocket.TryAskAsync(path, "status");
        await asked.Task;
        ValueTask ending = socket.DisposeAsync(); // gives up on answers after a second
        await ending;
        never.TrySetResult("too late");
        Assert.Null(await asking);
        Assert.Contains("does not run", (await Assert.ThrowsAsync<CommandFailure>(() => ControlSocket.AskAsync(path, "status"))).Message);
    }
}
